use std::process::{Command, Stdio};

use proptest::prelude::*;

use super::*;

const IDENTITY: &str = "# made by age-keygen\nAGE-SECRET-KEY-1CYL72SPRHVJ0MEMXS5UZ5REJUM5CVG0CC73CG9GX3TR5F07EQG4SK3VJQE\n";
const RECIPIENT: &str = "age1ckucajeyymy73fl9l5wa35ek035gxt5qrdm3c4t2kesx4vj5338qz5ee0v";

/// Made by `age -r` of age 1.1.1.
const OF_AGE: &str = "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBWL0xhMEQzUWpBTzkwOXJXNWhOVTJpNmFiZTh5U1ZOc3N0TzB2ajdGMXlnCkMweXUrelBxZ3F1N3ZBbEdmS1pnL0RkY0ptRFd5amx5L3poc01EQnJ2TFEKLS0tIG1wS3pvSndaOGlnYmw5alhXSGVmRlZHcGx1d1o3ZDUyejZTV1V2YWFyM1kKt+3NFy1+JXmTxpp7tUXco53Stea7qPCXXOh2AIZQNl4u7DOD11ClnHUOgnHjLhsoG6A=";

fn recipient() -> Recipient {
    RECIPIENT.parse().unwrap()
}

fn identity() -> Identity {
    Identity::parse(IDENTITY).unwrap()
}

#[test]
fn what_age_has_encrypted_opens() {
    use base64::Engine as _;
    let encrypted = base64::engine::general_purpose::STANDARD.decode(OF_AGE).unwrap();
    assert_eq!(decrypt(&identity(), &encrypted).unwrap(), b"a chunk of a salon");
    assert_eq!(identity().recipients(), [recipient()]);
}

#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
#[test]
fn age_opens_what_is_encrypted_here() {
    if Command::new("age").arg("--version").stdout(Stdio::null()).status().is_err() {
        assert!(std::env::var_os("CI").is_none(), "age is not installed");
        eprintln!("skipped: age (the Debian package) is not installed");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (key, file) = (dir.path().join("key"), dir.path().join("file"));
    std::fs::write(&key, IDENTITY).unwrap();
    for length in [0, 1, 65_535, 65_536, 65_537, 200_000] {
        let plain = vec![7; length];
        let recipients = [Recipient::from_bytes([9; 32]), recipient()];
        std::fs::write(&file, encrypt(&recipients, &plain).unwrap()).unwrap();
        let opened = Command::new("age").arg("-d").arg("-i").arg(&key).arg(&file).output().unwrap();
        assert!(opened.status.success(), "{length}: {}", String::from_utf8_lossy(&opened.stderr));
        assert!(opened.stdout == plain, "{length}");
    }
}

#[test]
fn a_key_that_nothing_can_be_encrypted_to_is_refused() {
    let useless = Recipient::from_bytes([0; 32]);
    assert_eq!(encrypt(&[useless], b"x"), Err(EncryptError::Unusable(useless)));
}

#[test]
fn a_file_that_holds_no_identity_is_told() {
    let parse = |text| Identity::parse(text).unwrap_err();
    assert_eq!(parse(""), InvalidIdentity::None);
    assert_eq!(parse("# a comment\n\n"), InvalidIdentity::None);
    assert_eq!(parse(RECIPIENT), InvalidIdentity::Line(1));
    assert_eq!(parse("age-encryption.org/v1\n-> scrypt a 18\n"), InvalidIdentity::Encrypted);
    let several = Identity::parse(&format!("{IDENTITY}\r\n{IDENTITY}")).unwrap();
    assert_eq!(several.recipients().len(), 2);
    assert!(!format!("{several:?}").contains("SECRET"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn all_recipients_open_it_and_no_others(plain in prop::collection::vec(any::<u8>(), 0..500), pieces in 0usize..3) {
        let plain = [vec![1; pieces * 65_536], plain].concat();
        let other = Recipient::from_bytes([9; 32]);
        let encrypted = encrypt(&[other, recipient()], &plain).unwrap();
        prop_assert_eq!(decrypt(&identity(), &encrypted), Ok(plain.clone()));
        let encrypted = encrypt(&[other], &plain).unwrap();
        prop_assert_eq!(decrypt(&identity(), &encrypted), Err(DecryptError::WrongIdentity));
    }

    #[test]
    fn any_change_is_found(plain in prop::collection::vec(any::<u8>(), 0..300), at: prop::sample::Index, by in 1u8..) {
        let mut encrypted = encrypt(&[recipient()], &plain).unwrap();
        let cut = at.index(encrypted.len());
        prop_assert!(decrypt(&identity(), &encrypted[..cut]).is_err());
        encrypted[cut] ^= by;
        prop_assert!(decrypt(&identity(), &encrypted).is_err());
    }
}
