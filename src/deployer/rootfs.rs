//! The root file system of a client's container, as a tar archive in memory: one static program and
//! what it cannot do without.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

/// Where the program lies in the image.
pub(super) const PROGRAM: &str = "/slotbox";
/// Where the client's volume is mounted.
pub(super) const DATA: &str = "/data";
/// Where the client's gateway directory is mounted.
pub(super) const GATEWAY: &str = "/gateway";

const BLOCK: usize = 512;
const PASSWD: &[u8] = b"root:x:0:0:root:/:/nonexistent\n";
/// Larger programs are none of ours.
const LARGEST_PROGRAM_BYTES: u64 = 512 << 20;
/// How a file begins that is compressed with Zstandard, as the package brings the program.
const COMPRESSED: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Why a program cannot be run in an image that holds nothing else.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It cannot be read.
    #[error("cannot read it: {0}")]
    Unreadable(#[from] io::Error),
    /// It cannot be decompressed.
    #[error("it is compressed and damaged: {0}; install the package again")]
    Damaged(io::Error),
    /// It is no program of this kind of machine.
    #[error("it is no ELF program of 64 bits")]
    NoProgram,
    /// It needs other files to run.
    #[error("it is linked dynamically; build it with -C target-feature=+crt-static")]
    Dynamic,
}

/// Reads the program, compressed or not, if it is one that needs no other file.
///
/// # Errors
///
/// Returns [`ProgramError`].
pub(super) fn program(path: &Path) -> Result<Vec<u8>, ProgramError> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() || metadata.len() > LARGEST_PROGRAM_BYTES {
        return Err(ProgramError::NoProgram);
    }
    let mut program = fs::read(path)?;
    if program.starts_with(COMPRESSED) {
        program = decompress(&program).map_err(ProgramError::Damaged)?;
    }
    match interpreter(&program) {
        None => Err(ProgramError::NoProgram),
        Some(true) => Err(ProgramError::Dynamic),
        Some(false) => Ok(program),
    }
}

fn decompress(compressed: &[u8]) -> io::Result<Vec<u8>> {
    let mut program = Vec::new();
    let decoder = zstd::Decoder::with_buffer(compressed)?;
    let most = LARGEST_PROGRAM_BYTES + 1;
    if decoder.take(most).read_to_end(&mut program)? as u64 == most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(program)
}

/// Tells whether the program names a loader of libraries; `None` if it is no program.
fn interpreter(elf: &[u8]) -> Option<bool> {
    /// 64 bits, little endian.
    const MAGIC: &[u8] = b"\x7fELF\x02\x01";
    const INTERPRETER: u32 = 3;
    if !elf.starts_with(MAGIC) {
        return None;
    }
    let half = |at: usize| Some(u16::from_le_bytes(elf.get(at..at + 2)?.try_into().ok()?));
    let start = u64::from_le_bytes(elf.get(32..40)?.try_into().ok()?);
    let (size, count) = (usize::from(half(54)?), usize::from(half(56)?));
    let start = usize::try_from(start).ok()?;
    for index in 0..count {
        let at = start.checked_add(index * size)?;
        let kind = u32::from_le_bytes(elf.get(at..at.checked_add(4)?)?.try_into().ok()?);
        if kind == INTERPRETER {
            return Some(true);
        }
    }
    Some(false)
}

/// Returns the root file system around the program. The same program gives the same bytes.
///
/// `/data` and `/tmp` are open to all, because what is mounted there takes their mode over, and one
/// client's user alone ever sees it.
pub(super) fn archive(program: &[u8]) -> Vec<u8> {
    let mut tar = Vec::with_capacity(program.len() + 16 * BLOCK);
    for (name, mode) in [
        ("data/", 0o1777),
        ("dev/", 0o755),
        ("etc/", 0o755),
        ("gateway/", 0o755),
        ("proc/", 0o755),
        ("sys/", 0o755),
        ("tmp/", 0o1777),
    ] {
        tar.extend(header(name, mode, 0, b'5'));
    }
    append(&mut tar, "etc/passwd", 0o644, PASSWD);
    append(&mut tar, PROGRAM.trim_start_matches('/'), 0o755, program);
    tar.extend([0; 2 * BLOCK]);
    tar
}

fn append(tar: &mut Vec<u8>, name: &str, mode: u32, content: &[u8]) {
    tar.extend(header(name, mode, content.len(), b'0'));
    tar.extend_from_slice(content);
    tar.resize(tar.len().next_multiple_of(BLOCK), 0);
}

/// A header in the form `ustar`, owned by root, from the beginning of time.
fn header(name: &str, mode: u32, size: usize, kind: u8) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    let mut put = |at: usize, text: &str| {
        for (place, byte) in header.iter_mut().skip(at).zip(text.bytes()) {
            *place = byte;
        }
    };
    put(0, name);
    put(100, &format!("{mode:07o}"));
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{size:011o}"));
    put(136, "00000000000");
    put(148, "        "); // The sum counts its own place as blanks.
    put(156, char::from(kind).encode_utf8(&mut [0; 4]));
    put(257, "ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    for (place, byte) in header.iter_mut().skip(148).zip(format!("{sum:06o}\0 ").bytes()) {
        *place = byte;
    }
    header
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn the_archive_is_one_that_tar_reads() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("rootfs.tar");
        fs::write(&file, archive(b"not really a program")).unwrap();
        let listed = Command::new("tar").arg("-tvf").arg(&file).output().unwrap();
        assert!(listed.status.success(), "{listed:?}");
        let listed = String::from_utf8(listed.stdout).unwrap();
        let entries: Vec<_> = listed
            .lines()
            .map(|line| {
                let words: Vec<_> = line.split_whitespace().collect();
                format!("{} {} {} {}", words[0], words[1], words[2], words[words.len() - 1])
            })
            .collect();
        assert_eq!(
            entries,
            [
                "drwxrwxrwt 0/0 0 data/",
                "drwxr-xr-x 0/0 0 dev/",
                "drwxr-xr-x 0/0 0 etc/",
                "drwxr-xr-x 0/0 0 gateway/",
                "drwxr-xr-x 0/0 0 proc/",
                "drwxr-xr-x 0/0 0 sys/",
                "drwxrwxrwt 0/0 0 tmp/",
                "-rw-r--r-- 0/0 31 etc/passwd",
                "-rwxr-xr-x 0/0 20 slotbox",
            ]
        );
        assert_eq!(archive(b"x"), archive(b"x"));
    }

    #[test]
    fn a_program_that_needs_libraries_is_refused() {
        let dynamic = program(Path::new("/bin/sh"));
        assert!(matches!(dynamic, Err(ProgramError::Dynamic)), "{dynamic:?}");
        let text = program(Path::new("/etc/passwd"));
        assert!(matches!(text, Err(ProgramError::NoProgram)));
        assert!(matches!(program(Path::new("/")), Err(ProgramError::NoProgram)));
        assert_eq!(interpreter(b"\x7fELF\x02\x01"), None);
    }

    #[test]
    fn a_compressed_program_is_the_program() {
        let dir = tempfile::tempdir().unwrap();
        let elf = [b"\x7fELF\x02\x01".as_slice(), &[0; 100]].concat();
        let (plain, packed) = (dir.path().join("plain"), dir.path().join("packed.zst"));
        fs::write(&plain, &elf).unwrap();
        let compressed = zstd::encode_all(elf.as_slice(), 3).unwrap();
        fs::write(&packed, &compressed).unwrap();
        assert_eq!(program(&packed).unwrap(), program(&plain).unwrap());

        fs::write(&packed, &compressed[..compressed.len() - 3]).unwrap();
        let cut = program(&packed);
        assert!(matches!(cut, Err(ProgramError::Damaged(_))), "{cut:?}");
        fs::write(&packed, zstd::encode_all(fs::read("/bin/sh").unwrap().as_slice(), 3).unwrap())
            .unwrap();
        assert!(matches!(program(&packed), Err(ProgramError::Dynamic)));
    }
}
