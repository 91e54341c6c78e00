//! The machine that figures were measured on: without it they say little.

use std::fs;

/// Its processors, memory and kernel, in one line.
#[must_use]
pub fn describe() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    line(&read("/proc/cpuinfo"), cores, &read("/proc/meminfo"), &read("/proc/sys/kernel/osrelease"))
}

fn line(cpuinfo: &str, cores: usize, meminfo: &str, release: &str) -> String {
    let field = |text: &str, name: &str| {
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_prefix(':'));
        value.map(|value| value.trim().to_string())
    };
    // Machines other than x86 give their processors no name.
    let model = field(cpuinfo, "model name").unwrap_or_else(|| std::env::consts::ARCH.into());
    let memory = field(meminfo, "MemTotal").and_then(|text| text.strip_suffix(" kB")?.parse::<u64>().ok());
    let memory_gb = memory.unwrap_or_default() / 1_000_000;
    format!("{cores} cores ({model}), {memory_gb} GB, Linux {}", release.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_memory_and_kernel_are_told() {
        let cpuinfo =
            "processor\t: 0\nmodel name\t: A Fast CPU\n\nprocessor\t: 1\nmodel name\t: A Fast CPU\n";
        let meminfo = "MemTotal:        8123456 kB\nMemFree: 1 kB\n";
        assert_eq!(line(cpuinfo, 2, meminfo, "6.1.0\n"), "2 cores (A Fast CPU), 8 GB, Linux 6.1.0");
    }
}
