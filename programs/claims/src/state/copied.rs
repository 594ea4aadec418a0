//! How what lies in memory as it is written is read and written: at once, not field by field.

/// Reads and writes values of these types, which have no gaps and are little-endian, with one copy.
macro_rules! copied {
    ($($name:ident),*) => {$(
        impl anchor_lang::AnchorSerialize for $name {
            fn serialize<W: std::io::Write>(&self, writer: &mut W) -> std::io::Result<()> {
                writer.write_all(bytemuck::bytes_of(self))
            }
        }

        impl anchor_lang::AnchorDeserialize for $name {
            fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
                let mut value: Self = bytemuck::Zeroable::zeroed();
                reader.read_exact(bytemuck::bytes_of_mut(&mut value))?;
                Ok(value)
            }
        }
    )*};
}
pub(super) use copied;
