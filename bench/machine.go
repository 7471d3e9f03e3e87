package bench

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// A Machine is what was measured on.
type Machine struct {
	CPU        string  `json:"cpu"`
	CPUs       int     `json:"cpus"`
	Memory     float64 `json:"memory"` // bytes
	System     string  `json:"system"`
	FileSystem string  `json:"file_system"` // of the folder that holds the books
	Go         string  `json:"go"`
	Load       float64 `json:"load"` // what the system says of its last minute, before the run
}

// ThisMachine describes it, as far as the system tells.
func ThisMachine(dir string) Machine {
	m := Machine{CPU: runtime.GOARCH, CPUs: runtime.NumCPU(), System: runtime.GOOS, Go: runtime.Version()}
	if name := after("/proc/cpuinfo", "model name"); name != "" {
		m.CPU = name
	}
	if kb, err := strconv.ParseFloat(strings.TrimSuffix(after("/proc/meminfo", "MemTotal"), " kB"), 64); err == nil {
		m.Memory = kb * 1024
	}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.System = "Linux " + strings.TrimSpace(string(text))
	}
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		first, _, _ := strings.Cut(string(text), " ")
		m.Load, _ = strconv.ParseFloat(first, 64)
	}
	m.FileSystem = fileSystem(dir)
	return m
}

// after is what a file of the system says behind a name and a colon.
func after(file, name string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if what, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(what) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// fileSystem names the usual ones; memory would make every sync a lie.
func fileSystem(dir string) string {
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil {
		return ""
	}
	for magic, name := range map[int64]string{0xef53: "ext4", 0x58465342: "xfs", 0x9123683e: "btrfs", 0x2fc12fc1: "zfs", 0x01021994: "tmpfs (memory)", 0x794c7630: "overlay"} {
		if int64(s.Type) == magic {
			return name
		}
	}
	return strconv.FormatInt(int64(s.Type), 16)
}
