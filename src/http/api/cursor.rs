//! Where a list goes on: letters that only the list which gave them understands.

use ring::digest::{SHA256, digest};

/// How much of a digest tells a cursor from other letters.
const SUM_BYTES: usize = 4;

/// Writes the cursor of a list of this kind.
pub(super) fn write(kind: &str, place: &[u8]) -> String {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
    let bytes = sum(kind, place).into_iter().chain(place.iter().copied());
    bytes.flat_map(|byte| [digit(byte >> 4), digit(byte)]).collect()
}

/// Reads the cursor of a list of this kind; `None` if no such list has written it.
pub(super) fn read(kind: &str, text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
    let bytes: Vec<u8> = pairs.iter().map(byte).collect::<Option<_>>()?;
    let (told, place) = bytes.split_at_checked(SUM_BYTES)?;
    (rest.is_empty() && told == sum(kind, place)).then(|| place.to_vec())
}

fn sum(kind: &str, place: &[u8]) -> Vec<u8> {
    let digest = digest(&SHA256, &[kind.as_bytes(), b":", place].concat());
    digest.as_ref().iter().copied().take(SUM_BYTES).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_survives_the_trip_and_fits_one_list(place: Vec<u8>) {
            let text = write("clients", &place);
            prop_assert_eq!(read("clients", &text), Some(place));
            prop_assert_eq!(read("orders", &text), None);
        }

        #[test]
        fn nonsense_is_refused(text in ".{0,60}|[0-9a-f]{0,60}") {
            prop_assert_eq!(read("clients", &text), None);
        }
    }
}
