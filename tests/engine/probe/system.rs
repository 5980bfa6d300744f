//! What is called of the C library and of the kernel.

use std::ffi::{CString, c_char, c_int, c_long, c_ulong, c_void};

unsafe extern "C" {
    pub fn mount(
        source: *const c_char,
        target: *const c_char,
        kind: *const c_char,
        flags: c_ulong,
        data: *const c_void,
    ) -> c_int;
    pub fn umount2(target: *const c_char, flags: c_int) -> c_int;
    pub fn unshare(flags: c_int) -> c_int;
    pub fn ptrace(request: c_long, pid: c_int, address: *mut c_void, data: *mut c_void) -> c_long;
    pub fn socket(domain: c_int, kind: c_int, protocol: c_int) -> c_int;
    pub fn setuid(uid: u32) -> c_int;
    pub fn setgid(gid: u32) -> c_int;
    pub fn setgroups(count: usize, list: *const u32) -> c_int;
    pub fn chroot(path: *const c_char) -> c_int;
    pub fn sethostname(name: *const c_char, length: usize) -> c_int;
    pub fn mknod(path: *const c_char, mode: u32, device: u64) -> c_int;
    pub fn clock_settime(clock: c_int, time: *const [i64; 2]) -> c_int;
    pub fn setpriority(which: c_int, who: u32, priority: c_int) -> c_int;
    pub fn fork() -> c_int;
    pub fn pause() -> c_int;
    pub fn syscall(number: c_long, ...) -> c_long;
}

#[cfg(target_arch = "x86_64")]
pub mod number {
    pub const KEYCTL: i64 = 250;
    pub const KEXEC_LOAD: i64 = 246;
    pub const PERF_EVENT_OPEN: i64 = 298;
    pub const FINIT_MODULE: i64 = 313;
    pub const INIT_MODULE: i64 = 175;
    pub const BPF: i64 = 321;
    pub const REBOOT: i64 = 169;
    pub const CAPSET: i64 = 126;
    pub const USERFAULTFD: i64 = 323;
    pub const SETNS: i64 = 308;
    pub const OPEN_BY_HANDLE_AT: i64 = 304;
}

#[cfg(target_arch = "aarch64")]
pub mod number {
    pub const KEYCTL: i64 = 219;
    pub const KEXEC_LOAD: i64 = 104;
    pub const PERF_EVENT_OPEN: i64 = 241;
    pub const FINIT_MODULE: i64 = 273;
    pub const INIT_MODULE: i64 = 105;
    pub const BPF: i64 = 280;
    pub const REBOOT: i64 = 142;
    pub const CAPSET: i64 = 91;
    pub const USERFAULTFD: i64 = 282;
    pub const SETNS: i64 = 268;
    pub const OPEN_BY_HANDLE_AT: i64 = 265;
}

pub fn text(text: &str) -> CString {
    CString::new(text).unwrap()
}
