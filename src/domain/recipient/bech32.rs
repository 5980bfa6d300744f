//! Bech32 (BIP 173): bytes as letters that a slip of the pen cannot change unseen.

const LETTERS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const CHECKSUM_LETTERS: usize = 6;

/// Reads a text of letters of one case; returns what stands before the last `1`, in small letters,
/// and the bytes. `None` for anything misspelt.
pub fn decode(text: &str) -> Option<(String, Vec<u8>)> {
    let (upper, lower) = (text.to_ascii_uppercase(), text.to_ascii_lowercase());
    if text != upper && text != lower {
        return None;
    }
    let (prefix, letters) = lower.rsplit_once('1')?;
    let value = |letter: u8| {
        let place = LETTERS.iter().position(|known| *known == letter)?;
        u8::try_from(place).ok()
    };
    let values: Vec<u8> = letters.bytes().map(value).collect::<Option<_>>()?;
    let printable = prefix.bytes().all(|byte| byte.is_ascii_graphic());
    if prefix.is_empty() || !printable || remainder(prefix, &values) != 1 {
        return None;
    }
    let data = values.len().checked_sub(CHECKSUM_LETTERS)?;
    Some((prefix.to_owned(), bytes(values.get(..data)?)?))
}

/// Writes `prefix`, which is in small letters, and `bytes`.
pub fn encode(prefix: &str, bytes: &[u8]) -> String {
    let mut values = Vec::with_capacity(bytes.len() * 8 / 5 + 1 + CHECKSUM_LETTERS);
    let (mut held, mut bits) = (0u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            values.push(low_five(held >> bits));
        }
    }
    if bits > 0 {
        values.push(low_five(held << (5 - bits)));
    }
    let open = values.len();
    values.extend([0; CHECKSUM_LETTERS]);
    let sum = remainder(prefix, &values) ^ 1;
    values.truncate(open);
    values.extend((0..CHECKSUM_LETTERS).map(|place| low_five(sum >> (5 * (5 - place)))));
    let letters = values.iter().filter_map(|value| LETTERS.get(usize::from(*value)));
    let letters: String = letters.map(|letter| char::from(*letter)).collect();
    format!("{prefix}1{letters}")
}

/// Puts groups of five bits together; what is left over must be less than a group and zero.
fn bytes(values: &[u8]) -> Option<Vec<u8>> {
    let (mut held, mut bits) = (0u32, 0);
    let mut bytes = Vec::with_capacity(values.len() * 5 / 8);
    for value in values {
        held = (held << 5 | u32::from(*value)) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
    }
    let rest = held & ((1 << bits) - 1);
    (bits < 5 && rest == 0).then_some(bytes)
}

fn low_five(value: u32) -> u8 {
    (value & 31) as u8
}

/// Returns the remainder of the code's division; 1 for a whole text.
fn remainder(prefix: &str, values: &[u8]) -> u32 {
    const STEPS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let high = prefix.bytes().map(|byte| byte >> 5);
    let low = prefix.bytes().map(|byte| byte & 31);
    let all = high.chain([0]).chain(low).chain(values.iter().copied());
    all.fold(1, |sum: u32, value| {
        let shifted = (sum & 0x01ff_ffff) << 5 ^ u32::from(value);
        let top = sum >> 25;
        STEPS.iter().enumerate().fold(
            shifted,
            |sum, (bit, step)| {
                if top >> bit & 1 == 1 { sum ^ step } else { sum }
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Some of BIP 173's own.
    #[test]
    fn the_standards_examples_are_read_so() {
        assert_eq!(decode("A12UEL5L"), Some(("a".to_owned(), Vec::new())));
        let long = "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs";
        assert!(decode(long).is_some());
        for wrong in
            ["pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "A1G7SGD8", "1qzzfhee"]
        {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn bytes_survive(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            prop_assert_eq!(decode(&encode("age", &bytes)), Some(("age".to_owned(), bytes)));
        }

        #[test]
        fn no_text_does_harm(text in "\\PC{0,80}") {
            decode(&text);
        }
    }
}
