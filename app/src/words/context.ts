// The language of the page, for its parts.
import { createContext, useContext } from 'react';

import { type Language, type Words } from '.';
import { en } from './en';

const Context = createContext<{ readonly language: Language; readonly words: Words }>({ language: 'en', words: en });

export const InWords = Context.Provider;
export const useWords = () => useContext(Context);
