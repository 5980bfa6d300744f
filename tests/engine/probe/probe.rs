//! Runs in place of a client's program and tries what must not work there. Each attempt is told as
//! a line: its name, `refused` or `ALLOWED`, and what the system said.
//!
//! Built by the tests with `rustc` alone, statically, so that it names the C library itself.
mod inside;
mod outside;
mod system;

use std::fs;
use std::io::{Error, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use system::{fork, pause};

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        // The container's own check.
        Some("client-check") => return,
        // On the host: what does a socket say to this user?
        Some("knock") => return knock(&arguments[2]),
        _ => {}
    }
    match fs::read_to_string("/data/mode").unwrap_or_default().trim() {
        "hog" => hog(),
        "bomb" => bomb(),
        "hold" => hold(),
        "tick" => {}
        _ => attempts(),
    }
    let mut ticks: u64 = 0;
    loop {
        ticks += 1;
        fs::write("/data/ticks", ticks.to_string()).ok();
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn knock(path: &str) {
    let mut heard = Vec::new();
    match UnixStream::connect(path) {
        Ok(mut stream) => {
            stream.write_all(&[0, 0, 0, 1, 0]).ok();
            stream.read_to_end(&mut heard).ok();
            println!("connected, heard {} bytes", heard.len());
        }
        Err(err) => println!("{err}"),
    }
}

/// Takes memory until it is killed.
fn hog() {
    let mut all: Vec<Vec<u8>> = Vec::new();
    loop {
        all.push(vec![1; 1 << 20]);
        if all.len() % 8 == 0 {
            println!("hog: {} MiB", all.len());
        }
    }
}

/// Takes much of what it may have, and keeps it.
fn hold() {
    std::mem::forget(vec![1_u8; 40 << 20]);
    println!("hold: 40 MiB");
}

/// Makes processes until there are no more.
fn bomb() {
    let mut children = 0;
    loop {
        match unsafe { fork() } {
            0 => loop {
                unsafe { pause() };
            },
            -1 => break,
            _ => children += 1,
        }
    }
    println!("bomb: {children} children, then {}", Error::last_os_error());
    fs::write("/data/children", children.to_string()).ok();
}

fn attempts() {
    outside::network();
    outside::others();
    inside::files();
    inside::privileges();
    inside::kernel();
    inside::processes();
    outside::gateway();
    println!("end|refused|");
}

fn tell(name: &str, refused: bool, detail: &str) {
    let outcome = if refused { "refused" } else { "ALLOWED" };
    println!("{name}|{outcome}|{}", detail.replace('\n', " "));
}

/// An attempt that must end with an error.
fn fails<T>(name: &str, done: std::io::Result<T>) {
    match done {
        Ok(_) => tell(name, false, "it worked"),
        Err(err) => tell(name, true, &err.to_string()),
    }
}

/// A call of the system that must end with an error.
fn call_fails(name: &str, returned: i64) {
    fails(name, if returned < 0 { Err(Error::last_os_error()) } else { Ok(()) });
}
