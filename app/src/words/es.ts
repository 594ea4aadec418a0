// Spanish.
import type { RecallClass, RecallDepth, Status } from '../rules';
import type { Words } from '.';

const classes: Words['classes'] = {
    one: { title: 'Retirado: clase I', advice: 'Es razonablemente probable un daño grave o la muerte.' },
    two: { title: 'Retirado: clase II', advice: 'El daño es temporal o reversible, o el daño grave es remoto.' },
    three: { title: 'Retirado: clase III', advice: 'No es probable que cause daño.' },
    unset: {
        title: 'Retirado: clase aún sin fijar',
        advice: 'Trátelo como clase I hasta que la autoridad decida.',
    },
};

const depths: Readonly<Record<RecallDepth, string>> = {
    wholesaler: 'Retirado hasta los mayoristas.',
    retailer: 'Retirado hasta farmacias y hospitales: devuelva lo que tenga.',
    consumer: 'Retirado hasta los pacientes: devuelva lo que tenga y avise a quienes ya lo tienen.',
};

const statuses: Readonly<Record<Status, string>> = {
    commissioned: 'fabricado y registrado',
    packed: 'embalado',
    in_transit: 'en tránsito: ofrecido a otro, aún no aceptado',
    received: 'recibido',
    returned: 'devuelto por un cliente, aún sin verificar',
    quarantined: 'en cuarentena',
    suspect: 'sospechoso',
    illegitimate: 'no auténtico o no apto',
    partially_dispensed: 'dispensado en parte',
    dispensed: 'dispensado',
    destroyed: 'destruido',
    stolen: 'denunciado como robado',
    exported: 'exportado',
    decommissioned: 'dado de baja',
};

/** The rulebook's faults of codes; each is here, as a test checks. */
export const FAULTS: Readonly<Record<string, string>> = {
    empty: 'El código está vacío; escanee el envase otra vez.',
    too_large: 'El texto es más largo de lo que puede ser un código GS1; escanee un solo código cada vez.',
    not_gs1: 'No es un código GS1; escanee el código bidimensional del envase.',
    no_fnc1:
        'Nada lo marca como código GS1: falta el FNC1 del principio. Configure el lector para que envíe identificadores de simbología (]d2) o escriba el código con paréntesis.',
    ambiguous:
        'No se sabe dónde termina este valor: falta el separador (GS, FNC1) que lo sigue. Configure el lector para que envíe separadores o escriba el código con paréntesis.',
    bad_brackets:
        'Los paréntesis no encajan: escriba cada identificador de aplicación como (01), y un paréntesis dentro de un valor como \\(.',
    unknown_ai: 'No existe ese identificador de aplicación GS1.',
    empty_value: 'El identificador de aplicación no tiene valor.',
    value_too_short: 'El valor es más corto de lo que permite su identificador de aplicación.',
    value_too_long: 'El valor es más largo de lo que permite su identificador de aplicación.',
    invalid_character: 'El valor tiene un carácter que su identificador de aplicación no permite.',
    bad_check_digit: 'El dígito de control no encaja; escanee o escriba el código otra vez.',
    bad_company_prefix: 'El valor no empieza con los dígitos de un prefijo de empresa GS1.',
    invalid_date: 'Esa fecha no existe.',
    invalid_time: 'Esa hora no existe.',
    invalid_value: 'El valor no es uno que su identificador de aplicación pueda tener.',
    bad_percent_encoding: 'A un signo de porcentaje le deben seguir dos dígitos hexadecimales.',
    missing_ai:
        'El identificador de aplicación está sin otro que necesita: un número de serie o un lote no dicen nada sin un GTIN.',
    conflicting_ai: 'El identificador de aplicación está junto a otro que lo excluye.',
    repeated_ai: 'El identificador de aplicación está dos veces con valores distintos.',
    expiries_differ:
        'El código dice dos caducidades, (17) y (7003), que no son el mismo día: aparte el envase y pregunte al fabricante.',
    no_primary_key:
        'El enlace no tiene una clave GS1 en su ruta, como https://example.com/01/09524000059109; un enlace comprimido debe expandirse antes.',
    qualifier_order: 'Un calificador no es de esta clave o no está en su orden: después de 01 vienen 22, 10, 21.',
    not_an_attribute:
        'El identificador de aplicación no puede estar en la consulta de un GS1 Digital Link; las claves y los calificadores van en la ruta.',
    not_a_leaf_file: 'No es un archivo de hojas de un lote.',
    leaf_file_damaged: 'El archivo de hojas está dañado; pídalo otra vez a quien lo hizo y compare su SHA-256.',
    wrong_leaf_file: 'El archivo de hojas es de otro lote.',
    wrong_header: 'La primera línea debe ser `hours,celsius`.',
    wrong_columns: 'Una línea tiene dos valores, horas y grados Celsius, con punto decimal.',
    not_a_number: 'Escriba un número decimal simple, como 5 o -2.5: sin unidad, exponente ni coma.',
    not_positive: 'Una lectura dura más de cero horas.',
    out_of_range: 'El valor está fuera de lo que puede medirse.',
    no_readings: 'No hay ninguna lectura después de la cabecera.',
    invalid_encoding: 'Las lecturas no son texto UTF-8; guárdelas como CSV en UTF-8.',
    too_long: 'Una lectura dura más de lo que puede comprobarse; divídala.',
};

/** What `dispense_pack` can refuse with; each error of the program that it names is here, as a test checks. */
export const REFUSALS: Readonly<Record<string, string>> = {
    OperatorOfOtherOrganization: 'Su clave es personal de otra organización.',
    OperatorKeyMismatch: 'Su clave no es la del registro de personal.',
    OperatorRevoked: 'Su clave ha sido revocada; firme con la de otro operador.',
    OperatorExpired: 'Su clave ha caducado; la autoridad de la farmacia puede prolongarla.',
    PermissionMissing: 'Su clave no tiene permiso para dispensar.',
    OrganizationNotActive: 'La organización no está activa; primero debe activarla la autoridad.',
    NotAPharmacy: 'La organización no es una farmacia ni un proveedor.',
    CredentialOfOtherIssuer: 'La credencial no es del emisor en que confía el lote.',
    CredentialOfOtherSubject: 'La credencial es de otra organización.',
    CredentialOfOtherKind: 'La credencial no hace a nadie socio comercial de este lote.',
    CredentialNotYetValid: 'La credencial aún no es válida.',
    CredentialExpired: 'La credencial ha caducado; su emisor puede renovarla.',
    CredentialRevoked: 'La credencial ha sido revocada.',
    ProofInvalid: 'La prueba no muestra que el envase esté en el lote.',
    NotSellable: 'No puede venderse por su estado.',
    NotInCustody: 'El envase no consta en la custodia de esta farmacia; acepte antes su envío.',
    Expired: 'El lote ha caducado.',
    Recalled: 'Está retirado: vuelve a quien lo retiró, a un distribuidor inverso o a destrucción.',
    AlreadyDispensed: 'Ya fue dispensado antes.',
    ReservedForOther: 'El envase está reservado para una reclamación hasta que termine la reserva.',
    PartlyFilled: 'El envase ha sido abierto; dispense el resto.',
    StatusFinal: 'Su estado es definitivo.',
    StatusOutOfOrder: 'No corresponde a su estado.',
    AccountNotInitialized:
        'Su clave no consta como personal de la farmacia: compruebe la farmacia en los ajustes y la cuenta de la cartera.',
};

export const es: Words = {
    name: 'Español',
    title: 'Comprobar un envase de medicamento',
    skip: 'Ir al código',
    loading: 'Preparando …',
    notReady: 'No se pudo cargar el reglamento; cargue la página otra vez.',

    settings: {
        title: 'Ajustes',
        language: 'Idioma',
        pharmacy: 'Su farmacia (su dirección en el registro)',
        pharmacyWrong: 'No es una dirección: de 32 a 44 letras y cifras.',
        ledger: 'Registro (dirección de un nodo)',
        ledgerWrong: 'No es una dirección: empieza por http:// o https://.',
        leaves: 'Archivos de hojas (del fabricante, uno por lote)',
        leavesKept: (count, gtin) => `Guardado en este navegador: el archivo de hojas de ${count} envases de ${gtin}.`,
        pharmacyMissing: 'Indique su farmacia en los ajustes: la respuesta depende de quién pregunta.',
    },

    scan: {
        title: 'El código',
        text: 'Escanee con un lector que escribe, o escriba el código',
        hint: 'Como (01)09524000059109(21)SN1(17)271231(10)A1, o lo que envía el lector.',
        check: 'Comprobar',
        checking: 'Consultando el registro …',
        picture: 'Foto del código',
        camera: 'Usar la cámara',
        stopCamera: 'Parar la cámara',
        cameraView: 'Lo que ve la cámara',
        watching: 'Ponga el código delante de la cámara.',
        severalInSight: 'Se ve más de un código: muestre un solo envase.',
    },

    scanFaults: {
        not_a_picture: 'Este archivo no es una imagen que pueda leerse: elija un PNG o JPEG.',
        no_code:
            'No se puede leer ningún código DataMatrix o QR en la imagen: tómela más cerca, desde arriba y con luz uniforme, con todo el código y su margen blanco.',
        several_codes: 'Hay más de un código en la imagen: tome o recorte una foto de un solo envase.',
        no_camera: 'No se encontró ninguna cámara: elija una foto o escriba el código.',
        permission_refused:
            'El navegador no deja que esta página use la cámara: permítalo en la barra de direcciones, elija una foto o escriba el código.',
        camera_busy: 'Otro programa usa la cámara: ciérrelo e inténtelo otra vez.',
        camera_failed: 'La cámara no arrancó: inténtelo otra vez, elija una foto o escriba el código.',
    },

    fault: (code, message) => FAULTS[code] ?? `${code}: ${message}`,
    at: (place) => `En ${place.replace('byte', 'el byte').replace('line', 'la línea')}.`,

    answer: {
        title: 'La respuesta',
        sellable: {
            title: 'Auténtico y vendible',
            advice: 'Está en su lote, bajo su custodia, sin caducar, sin retirar y nunca dispensado.',
        },
        expired: { title: 'Caducado', advice: 'No lo dispense; apártelo para su destrucción o devolución.' },
        suspect: {
            title: 'Sospechoso',
            advice: 'Su número de serie está en más de un lote. Apártelo y pregunte al fabricante.',
        },
        expiry_differs: {
            title: 'Sospechoso: la caducidad no coincide',
            advice: 'El código dice otra caducidad que la que registró el fabricante. Apártelo y pregunte al fabricante.',
        },
        not_in_custody: {
            title: 'No está bajo su custodia',
            advice: 'Está en su lote, pero consta que lo tiene otro. Acepte antes su envío; si nunca lo pidió, apártelo.',
        },
        no_readings: {
            never: {
                title: 'Auténtico, pero sin lecturas',
                advice: 'Nadie puede decir que se haya conservado como es debido: nunca se informó de su temperatura. Lo demás está en orden.',
            },
            silent: {
                title: 'Auténtico, pero sin lecturas',
                advice: 'Nadie puede decir que se haya conservado como es debido: sin informes desde hace más de un día. Lo demás está en orden.',
            },
            partly: {
                title: 'Auténtico, pero sin vigilar desde que se recibió',
                advice: 'Nadie puede decir que se haya conservado como es debido: las lecturas de su temperatura empiezan más de cuatro horas después de que lo recibió. Lo demás está en orden.',
            },
        },
        readingsSince: (when) => `Lecturas de su temperatura desde el ${when}.`,
        cannot_tell: {
            title: 'No se puede saber',
            advice: 'Está en su lote y no dispensado, pero nadie registra su camino: una copia se vería igual.',
        },
        no_page: {
            title: 'No se puede saber: la página del envase no está abierta',
            advice: 'Está en su lote, pero el registro no guarda aún qué envases de su página se han dispensado: nadie puede dispensarlo. Pida al fabricante que abra la página.',
        },
        opened: (left) => ({
            title: `Abierto: quedan ${left} unidades`,
            advice: 'Una parte la tienen pacientes: no se vende entero ni se devuelve. Lo que queda se entrega en dispensaciones parciales, con galen pack fill.',
        }),
        dispensed: (on) => ({
            title: on === undefined ? 'Ya dispensado' : `Ya dispensado el ${on}`,
            advice: 'Un envase se dispensa una vez. Si no fue usted, alguien tiene una copia: apártelo y notifíquelo.',
        }),
        dispensedLongAgo: 'Cuándo y por quién ya no consta en el registro.',
        dispensedHere: 'Fue dispensado en su farmacia.',
        dispensedThere: (who) => `Fue dispensado en ${who}.`,
        handedOut: 'Ha salido de la farmacia.',
        recalled: (grade: RecallClass) => classes[grade],
        recalledAdvice: 'No lo dispense: vuelve a quien lo retiró, a un distribuidor inverso o a destrucción.',
        recalledDepth: (depth) => depths[depth],
        recalledBy: (who) => `Retirado por ${who}.`,
        not_sellable: (status) => ({
            title: `No puede venderse: ${statuses[status]}`,
            advice: 'Manténgalo aparte hasta que quien fijó su estado lo cambie.',
        }),
        reserved: (until) => ({
            title: `Reservado para una reclamación hasta el ${until}`,
            advice: 'No lo entregue a nadie más: solo se dispensa para esa reclamación, hasta que la reserva se cancele o termine.',
        }),
        reservedHere: 'Lo reserva su farmacia.',
        reservedThere: (who) => `Lo reserva ${who}.`,
        reservedFor: (claim) => `La reclamación: ${claim}.`,
        unknown: {
            product: {
                title: 'Producto desconocido',
                advice: 'Nadie ha registrado este GTIN. Apártelo: puede no ser auténtico.',
            },
            batch: {
                title: 'Lote desconocido',
                advice: 'El producto no tiene ese lote. Apártelo: puede no ser auténtico.',
            },
            serial: {
                title: 'Envase desconocido',
                advice: 'El lote no tiene un envase con ese número de serie. Apártelo: puede no ser auténtico.',
            },
        },
        serialCase: (asked, known) => ({
            title: 'No se puede saber: las mayúsculas y minúsculas no coinciden',
            advice: `El lote no tiene ningún envase ${asked}, pero sí ${known}. Revise el bloqueo de mayúsculas y el teclado configurado en el lector, y escanee otra vez. Si el propio envase dice ${asked}, apártelo: puede no ser auténtico.`,
        }),
        incomplete: (missing) => {
            const names = { gtin: 'producto (01)', serial: 'número de serie (21)', lot: 'lote (10)' };
            return {
                title: 'No se puede saber: el código no dice bastante',
                advice: `Le falta: ${missing.map((part) => names[part]).join(', ')}. Escanee el código bidimensional del propio envase.`,
            };
        },
        refusedCode: 'No se puede saber: el código no se lee',
        noLeafFile: {
            title: 'No se puede saber: falta el archivo de hojas del lote',
            advice: 'El lote está registrado; si este envase es suyo lo muestra el archivo de hojas del fabricante. Añádalo en los ajustes.',
        },
        leafFileHash: (hash) => `Su SHA-256: ${hash}`,
        unreachable: {
            title: 'No se puede saber: el registro no responde',
            advice: 'Compruebe la red y la dirección en los ajustes, y vuelva a comprobar.',
        },
        behind: {
            title: 'No se puede saber: el registro consultado va atrasado',
            advice: 'Su hora es más de cinco minutos anterior a la de este aparato: no sabe qué se ha retirado, dispensado o caducado desde entonces. Ponga en hora este aparato si va mal, o indique otro nodo en los ajustes.',
        },
        wrong_account: {
            title: 'No se puede saber: el registro tiene otra cosa ahí',
            advice: 'Una cuenta no es lo que debería: compruebe la dirección en los ajustes.',
        },
        again: 'Comprobar otra vez',
    },

    facts: {
        title: 'Lo que dice el código',
        gtin: 'Producto (GTIN)',
        serial: 'Número de serie',
        lot: 'Lote',
        expiry: 'Caducidad',
        monthOnly: (date) => `${date} (el código solo dice el mes)`,
        absent: 'no está en el código',
    },

    custody: {
        title: 'Custodia',
        none: 'Nadie registra quién lo tiene.',
        custodian: 'Quién lo tiene',
        owner: 'De quién es',
        status: 'Estado',
        otherwise: (status, level, recorded) => `${status}; según el registro de su ${level}: ${recorded}`,
        since: 'Desde',
        with: 'Consta para',
        you: (who) => `${who} (usted)`,
    },

    levels: ['envase', 'caja', 'palé', 'lote'],
    statuses,

    journey: {
        title: 'Su camino hasta ahora',
        loading: 'Leyendo el registro …',
        failed: 'No se pudo leer su camino en el registro.',
        cut: 'No se miraron las entradas más antiguas de su caja, palé o lote.',
        unknownTime: 'hora desconocida',
        registered: (who) => `Lote registrado por ${who}`,
        offered: (level, from, to) => `Su ${level}: ofrecido por ${from} a ${to}`,
        accepted: (level, from, to) => `Su ${level}: recibido por ${to} de ${from}`,
        ended: (level, from, to) => `Su ${level}: la entrega de ${from} a ${to} quedó en nada`,
        status: (level, status, who) => `Su ${level}: ${status}, según ${who}`,
        recalled: (level, grade, who) => `Su ${level} – ${classes[grade].title}, por ${who}`,
        recall_lifted: (level, who) => `Su ${level}: retirada levantada por ${who}`,
        dispensed: (level, who) => `Su ${level}: dispensado en ${who}`,
        undone: (level, who) => `Su ${level}: dispensación anulada en ${who}`,
        handed_out: (level, who) => `Su ${level}: entregado en ${who}`,
        reserved: (level, who) => `Su ${level}: reservado para una reclamación en ${who}`,
        excursion: (level, who) =>
            `Su ${level}, en ${who}: apartado por lo que su dispositivo comunicó de la temperatura`,
        released: (level, who) => `Su ${level}: temperatura evaluada y liberado por ${who}`,
        condemned: (level, who) => `Su ${level}: temperatura evaluada y condenado por ${who}`,
        filled: (units, who) => `${units} unidades tomadas en ${who}`,
        unreadable: (level) => `Algo sobre su ${level} que no puede leerse`,
    },

    dispense: {
        title: 'Dispensar',
        noWallet:
            'No se encontró en este navegador ninguna cartera que pueda firmar; instale una que siga Wallet Standard.',
        connect: (wallet) => `Conectar ${wallet}`,
        connected: (wallet, key) => `Firma con ${wallet}, clave ${key}.`,
        handOut: 'Sale ahora de la farmacia (esto no se anula nunca)',
        button: 'Dispensar este envase',
        working: 'Esperando la firma y el registro …',
        done: 'Dispensado. Consta en el registro.',
        earlier: (serial) => `Del envase anterior, ${serial}:`,
        uncertain: 'No se puede saber si es auténtico: dispénselo solo donde su ley y su juicio lo permitan.',
        refused: 'No dispensado',
        notConnected: 'La cartera no se conectó.',
    },

    dispenseFaults: {
        no_credential:
            'Su farmacia no tiene credencial de socio comercial del emisor en que confía este lote: pídasela.',
        not_signed: 'La cartera no firmó: no se envió nada.',
        not_confirmed: 'El registro no lo confirmó: compruebe el envase otra vez antes de dispensarlo.',
    },
    refusal: (name) => REFUSALS[name] ?? `El registro lo rechazó (${name}).`,

    temperature: {
        title: 'Temperatura en su camino',
        file: 'Lecturas (CSV: hours,celsius)',
        profile: 'Cómo debe guardarse',
        room: 'Temperatura ambiente: 20 a 25 °C',
        cold: 'Refrigerado: 2 a 8 °C',
        any: 'El lote no fija límites: elija con qué comparar.',
        set: 'Como lo registró el fabricante.',
        plot: (least, greatest, hours) => `Temperatura durante ${hours} h, de ${least} a ${greatest}`,
        hours: 'horas',
        labelled: 'Intervalo indicado',
        limit: 'Límite de las desviaciones',
        mean: 'Mayor temperatura cinética media',
        extremes: 'Mínima y máxima',
        outside: 'Fuera del intervalo indicado',
        reported: (level) => `Comunicado al registro por un dispositivo, firmado (${level}):`,
        nothing: 'aún no hay lecturas',
        missing: 'Sin lecturas',
        until: 'Comunicado hasta',
        minutes: (minutes) => `${minutes} min`,
        verdicts: {
            labelled: 'Guardado como se indica.',
            allowed_excursion: 'Desviaciones dentro de lo permitido.',
            quarantine: 'Debe apartarse:',
        },
        reasons: {
            no_readings: 'no hay lecturas',
            too_cold: 'más frío de lo permitido',
            too_warm: 'más calor de lo permitido',
            spikes_too_long: 'los picos duraron demasiado',
            excursion_too_long: 'las desviaciones duraron demasiado',
            readings_missing: 'faltan lecturas que tuvo que haber',
            gaps_too_long: 'faltan lecturas durante demasiado tiempo',
            mean_too_high: 'la temperatura cinética media es demasiado alta',
            not_computable: 'no puede calcularse',
        },
    },

    classes,
};
