//! Attempts on the container itself: its files, its rights, the kernel, the processes.

use std::fs::{self, OpenOptions};
use std::io::{Error, Read, Write};

use crate::system::{
    chroot, clock_settime, mknod, mount, number, ptrace, setgid, setgroups, sethostname,
    setpriority, setuid, syscall, text, umount2, unshare,
};
use crate::{call_fails, fails, tell};

pub fn files() {
    for path in ["/new", "/etc/passwd", "/slotbox", "/dev/new", "/gateway/new", "/sys/new"] {
        fails(&format!("write {path}"), writable(path));
    }
    for path in ["/dev/shm/new", "/dev/mqueue/new"] {
        fails(&format!("write {path}"), writable(path));
    }
    fails("replace the gateway's socket", fs::remove_file("/gateway/gateway.sock"));
    fs::write("/tmp/allowed", "x").unwrap(); // Else what follows would fail for another reason.
    let copied = fs::copy("/proc/self/exe", "/tmp/copy");
    let run =
        copied.and_then(|_| std::process::Command::new("/tmp/copy").arg("client-check").status());
    fails("run a program from /tmp", run);
    let filled = (|| {
        let mut file = fs::File::create("/tmp/fill")?;
        for _ in 0..64 {
            file.write_all(&vec![1; 1 << 20])?;
        }
        Ok(())
    })();
    fails("fill /tmp without end", filled);
    fs::remove_file("/tmp/fill").ok();
    fs::remove_file("/tmp/copy").ok();
    for path in ["/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/fuse", "/proc/kcore"] {
        let read = fs::File::open(path).and_then(|mut file| {
            let mut some = [0; 1];
            match file.read(&mut some)? {
                0 => Err(Error::other("it is empty")),
                _ => Ok(()),
            }
        });
        fails(&format!("read {path}"), read);
    }
    let device = unsafe { mknod(text("/tmp/disk").as_ptr(), 0o060_666, 0x0800) };
    call_fails("make a device", device.into());
}

pub fn privileges() {
    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        let held = status(set);
        tell(&format!("a capability in {set}"), held == "0000000000000000", &held);
    }
    tell("new privileges by exec", status("NoNewPrivs") == "1", &status("NoNewPrivs"));
    tell("system calls without a filter", status("Seccomp") == "2", &status("Seccomp"));
    let uid = status("Uid");
    tell("be a user of the host", uid.parse::<u32>().is_ok_and(|uid| uid >= 0x7000_0000), &uid);
    call_fails("become root", unsafe { setuid(0) }.into());
    call_fails("join root's group", unsafe { setgid(0) }.into());
    call_fails("join other groups", unsafe { setgroups(1, &0) }.into());
    let header = [0x2008_0522_u32, 0];
    let all = [u32::MAX; 6];
    call_fails("gain capabilities", unsafe {
        syscall(number::CAPSET, header.as_ptr(), all.as_ptr())
    });
    call_fails("a higher priority", unsafe { setpriority(0, 0, -10) }.into());
}

pub fn kernel() {
    let (none, tmp) = (text("none"), text("/tmp"));
    let kind = text("tmpfs");
    let mounted = unsafe { mount(none.as_ptr(), tmp.as_ptr(), kind.as_ptr(), 0, std::ptr::null()) };
    call_fails("mount", mounted.into());
    let root = text("/");
    let again = unsafe {
        mount(none.as_ptr(), root.as_ptr(), std::ptr::null(), 32, std::ptr::null()) // Remount.
    };
    call_fails("make the root writable", again.into());
    call_fails("unmount", unsafe { umount2(text("/data").as_ptr(), 2) }.into());
    call_fails("change the root", unsafe { chroot(tmp.as_ptr()) }.into());
    for (name, flag) in [("user", 0x1000_0000), ("mount", 0x0002_0000), ("network", 0x4000_0000)] {
        call_fails(&format!("a {name} namespace"), unsafe { unshare(flag) }.into());
    }
    let init = fs::File::open("/proc/1/ns/net");
    let joined = match &init {
        Ok(file) => {
            use std::os::fd::AsRawFd as _;
            unsafe { syscall(number::SETNS, file.as_raw_fd(), 0) }
        }
        Err(_) => -1,
    };
    call_fails("join a namespace", joined);
    let empty = text("");
    let loaded = unsafe { syscall(number::INIT_MODULE, empty.as_ptr(), 0_usize, empty.as_ptr()) };
    call_fails("load a module", loaded);
    let loaded = unsafe { syscall(number::FINIT_MODULE, 0, empty.as_ptr(), 0) };
    call_fails("load a module from a file", loaded);
    call_fails("load a kernel", unsafe { syscall(number::KEXEC_LOAD, 0, 0, 0, 0) });
    call_fails("restart the machine", unsafe {
        // With a wrong magic number it does nothing even where it is allowed; `EPERM` comes first.
        syscall(number::REBOOT, 0, 0, 0, 0)
    });
    call_fails("load a bpf program", unsafe { syscall(number::BPF, 5, 0, 0) });
    call_fails("watch the processor", unsafe { syscall(number::PERF_EVENT_OPEN, 0, 0, -1, -1, 0) });
    call_fails("read the keyring", unsafe { syscall(number::KEYCTL, 0, -3, 0, 0, 0) });
    call_fails("userfaultfd", unsafe { syscall(number::USERFAULTFD, 0) });
    call_fails("open a file by its inode", unsafe {
        let mut handle = [8_u32, 1, 2, 0];
        syscall(number::OPEN_BY_HANDLE_AT, -100, handle.as_mut_ptr(), 0)
    });
    call_fails("set the clock", unsafe { clock_settime(0, &[1, 0]) }.into());
    call_fails("rename the host", unsafe { sethostname(text("evil").as_ptr(), 4) }.into());
    for path in [
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/vm/panic_on_oom",
        "/proc/sysrq-trigger",
        "/sys/kernel/uevent_helper",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/pids/pids.max",
        "/sys/fs/cgroup/memory.max",
        "/proc/1/oom_score_adj",
    ] {
        let opened = OpenOptions::new().write(true).open(path);
        fails(&format!("set {path}"), opened.and_then(|mut file| file.write_all(b"-1")));
    }
    let agent = fs::create_dir("/sys/fs/cgroup/memory/evil")
        .or_else(|_| fs::create_dir("/sys/fs/cgroup/evil"));
    fails("make a cgroup", agent);
}

pub fn processes() {
    let seen: Vec<u32> = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    tell("see other processes", seen.len() <= 3, &format!("{seen:?}"));
    // 16 attaches; a process of the host has no number here.
    let attached = unsafe { ptrace(16, 4000, std::ptr::null_mut(), std::ptr::null_mut()) };
    call_fails("trace a process outside", attached);
    let of_init = fs::read_link("/proc/1/exe").map(|path| path.display().to_string());
    let own = of_init.as_deref().unwrap_or("hidden");
    let is_own = ["hidden", "/sbin/docker-init", "/dev/init"].contains(&own);
    tell("see the host's first process", is_own, own);
}

fn status(key: &str) -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(key)).unwrap_or_default();
    line.split_whitespace().nth(1).unwrap_or_default().to_owned()
}

fn writable(path: &str) -> std::io::Result<()> {
    OpenOptions::new().write(true).create(true).truncate(false).open(path).map(drop)
}
