//! Numbers in LEB128 that keep a place: `wasm_encoder::Encode` writes those that are as short as they
//! can be.

/// The longest number of 32 bits has so many bytes, and a linker can write any other over it.
pub const LONGEST: usize = 5;

/// Appends an unsigned number in at least `width` bytes.
pub fn padded(mut value: u32, width: usize, out: &mut Vec<u8>) {
    let mut written = 1;
    while value >= 0x80 || written < width {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
        written += 1;
    }
    out.push(value.to_le_bytes()[0]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::Encode;

    #[test]
    fn a_number_has_the_width_it_is_to_have_and_is_read_as_it_was() {
        for value in [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, u32::MAX] {
            for width in [1, 3, LONGEST] {
                let (mut wide, mut short) = (Vec::new(), Vec::new());
                padded(value, width, &mut wide);
                value.encode(&mut short);
                assert_eq!(wide.len(), short.len().max(width), "{value}");
                let read = wasmparser::BinaryReader::new(&wide, 0).read_var_u32();
                assert_eq!(read.ok(), Some(value));
                if width == 1 {
                    assert_eq!(wide, short);
                }
            }
        }
    }
}
