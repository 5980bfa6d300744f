//! What a process's memory consists of, as the kernel tells it.

use std::fs;

/// The proportional set size of a process, in KiB: a page that several share counts in parts.
#[derive(Clone, Copy, Default)]
pub struct Memory {
    pub total: u64,
    /// The program itself: its code, its constants, its variables.
    pub program: u64,
    /// The C library and its like.
    pub libraries: u64,
    /// What was allocated.
    pub heap: u64,
    pub stacks: u64,
    pub other: u64,
}

/// The largest mapping that is a thread's stack: the standard library asks for 2 MiB.
const STACK_KIB: u64 = 2048 + 64;
/// The heaps of threads are mapped in pieces that are a multiple of this and aligned to it.
const ARENA_BYTES: u64 = 64 << 20;

impl Memory {
    pub fn of(pid: u32) -> Self {
        let maps = fs::read_to_string(format!("/proc/{pid}/smaps")).unwrap();
        let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap().display().to_string();
        let mut memory = Self::default();
        let (mut name, mut start, mut size) = ("", 0, 0);
        for line in maps.lines() {
            let mut words = line.split_whitespace();
            let Some(first) = words.next() else { continue };
            let Some(key) = first.strip_suffix(':') else {
                name = words.nth(4).unwrap_or_default();
                start = u64::from_str_radix(first.split('-').next().unwrap(), 16).unwrap();
                continue;
            };
            let Some(Ok(kib)) = words.next().map(str::parse::<u64>) else { continue };
            match key {
                "Size" => size = kib,
                "Pss" => {
                    memory.total += kib;
                    *memory.part(name, &program, start, size) += kib;
                }
                _ => {}
            }
        }
        memory
    }

    fn part(&mut self, name: &str, program: &str, start: u64, size: u64) -> &mut u64 {
        match name {
            "[stack]" => &mut self.stacks,
            "" if !start.is_multiple_of(ARENA_BYTES)
                && (STACK_KIB - 128..=STACK_KIB).contains(&size) =>
            {
                &mut self.stacks
            }
            "" | "[heap]" => &mut self.heap,
            name if name == program => &mut self.program,
            name if name.contains(".so") => &mut self.libraries,
            _ => &mut self.other,
        }
    }

    pub fn mean(all: &[Self]) -> Self {
        let mean = |part: fn(&Self) -> u64| all.iter().map(part).sum::<u64>() / all.len() as u64;
        Self {
            total: mean(|it| it.total),
            program: mean(|it| it.program),
            libraries: mean(|it| it.libraries),
            heap: mean(|it| it.heap),
            stacks: mean(|it| it.stacks),
            other: mean(|it| it.other),
        }
    }
}

/// Returns the processes that `pid` has started.
pub fn children(pid: u32) -> impl Iterator<Item = u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let lists =
        tasks.map(|task| fs::read_to_string(task.unwrap().path().join("children")).unwrap());
    let all: Vec<u32> = lists
        .flat_map(|list| {
            list.split_whitespace().map(|pid| pid.parse().unwrap()).collect::<Vec<_>>()
        })
        .collect();
    all.into_iter()
}
