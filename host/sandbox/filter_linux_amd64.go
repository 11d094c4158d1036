package sandbox

import (
	"fmt"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// newest is the last system call this filter knows. Newer ones do not exist for
// a plugin, so that programs fall back to what they did before.
const newest = unix.SYS_MSEAL

// Offsets in the kernel's seccomp_data.
const (
	offNr   = 0
	offArch = 4
	offArgs = 16
)

// Answers of the filter.
const (
	retAllow  = uint32(unix.SECCOMP_RET_ALLOW)
	retKill   = uint32(unix.SECCOMP_RET_KILL_PROCESS)
	retDeny   = uint32(unix.SECCOMP_RET_ERRNO) | uint32(unix.EPERM)
	retAbsent = uint32(unix.SECCOMP_RET_ERRNO) | uint32(unix.ENOSYS)
)

// cloneNamespaces are the CLONE_NEW* bits that clone takes.
const cloneNamespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC |
	unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET

// Requests of ioctl that reach beyond the descriptor: typing into a terminal,
// and the attributes that chattr sets.
var deniedIoctls = []uint32{
	0x5412,     // TIOCSTI
	0x541C,     // TIOCLINUX
	0x541D,     // TIOCCONS
	0x40086602, // FS_IOC_SETFLAGS
	0x40046602, // FS_IOC32_SETFLAGS
	0x401C5820, // FS_IOC_FSSETXATTR
}

// denied never works in either profile. Landlock does not mediate modes, owners,
// times and attributes; the rest reaches other processes or the system.
var denied = []uint32{
	unix.SYS_CONNECT,
	unix.SYS_FORK, unix.SYS_VFORK, unix.SYS_EXECVE,
	unix.SYS_CHMOD, unix.SYS_FCHMOD, unix.SYS_FCHMODAT, unix.SYS_FCHMODAT2,
	unix.SYS_CHOWN, unix.SYS_FCHOWN, unix.SYS_LCHOWN, unix.SYS_FCHOWNAT,
	unix.SYS_SETXATTR, unix.SYS_LSETXATTR, unix.SYS_FSETXATTR,
	unix.SYS_REMOVEXATTR, unix.SYS_LREMOVEXATTR, unix.SYS_FREMOVEXATTR,
	unix.SYS_UTIME, unix.SYS_UTIMES, unix.SYS_FUTIMESAT, unix.SYS_UTIMENSAT,
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PIDFD_GETFD,
	unix.SYS_PIDFD_SEND_SIGNAL, unix.SYS_PROCESS_MADVISE, unix.SYS_PROCESS_MRELEASE, unix.SYS_KCMP,
	unix.SYS_MIGRATE_PAGES, unix.SYS_MOVE_PAGES, unix.SYS_TKILL,
	unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
	unix.SYS_BPF, unix.SYS_USERFAULTFD, unix.SYS_PERF_EVENT_OPEN,
	unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL,
	unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_OPEN_TREE,
	unix.SYS_MOVE_MOUNT, unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSPICK,
	unix.SYS_MOUNT_SETATTR, unix.SYS_STATMOUNT, unix.SYS_LISTMOUNT,
	unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_SETPGID, unix.SYS_SETSID,
	unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_MKNOD, unix.SYS_MKNODAT,
	unix.SYS_SETUID, unix.SYS_SETGID, unix.SYS_SETREUID, unix.SYS_SETREGID, unix.SYS_SETGROUPS,
	unix.SYS_SETRESUID, unix.SYS_SETRESGID, unix.SYS_SETFSUID, unix.SYS_SETFSGID, unix.SYS_CAPSET,
	unix.SYS_PERSONALITY, unix.SYS_SETRLIMIT, unix.SYS_MODIFY_LDT,
	unix.SYS_SETPRIORITY, unix.SYS_IOPRIO_SET, unix.SYS_SCHED_SETPARAM, unix.SYS_SCHED_SETSCHEDULER, unix.SYS_SCHED_SETATTR,
	unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_SHMCTL, unix.SYS_SHMDT,
	unix.SYS_SEMGET, unix.SYS_SEMOP, unix.SYS_SEMCTL, unix.SYS_SEMTIMEDOP,
	unix.SYS_MSGGET, unix.SYS_MSGSND, unix.SYS_MSGRCV, unix.SYS_MSGCTL,
	unix.SYS_MQ_OPEN, unix.SYS_MQ_UNLINK, unix.SYS_MQ_TIMEDSEND, unix.SYS_MQ_TIMEDRECEIVE, unix.SYS_MQ_NOTIFY, unix.SYS_MQ_GETSETATTR,
	unix.SYS_INOTIFY_INIT, unix.SYS_INOTIFY_INIT1, unix.SYS_INOTIFY_ADD_WATCH, unix.SYS_INOTIFY_RM_WATCH,
	unix.SYS_FANOTIFY_INIT, unix.SYS_FANOTIFY_MARK,
	unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE, unix.SYS_CREATE_MODULE,
	unix.SYS_KEXEC_LOAD, unix.SYS_KEXEC_FILE_LOAD, unix.SYS_REBOOT,
	unix.SYS_CLOCK_SETTIME, unix.SYS_SETTIMEOFDAY, unix.SYS_ADJTIMEX, unix.SYS_CLOCK_ADJTIME,
	unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_ACCT, unix.SYS_QUOTACTL, unix.SYS_QUOTACTL_FD,
	unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME, unix.SYS_SYSLOG, unix.SYS_VHANGUP,
	unix.SYS_IOPL, unix.SYS_IOPERM, unix.SYS_USELIB, unix.SYS_LOOKUP_DCOOKIE,
	unix.SYS_NFSSERVCTL, unix.SYS__SYSCTL, unix.SYS_LSM_SET_SELF_ATTR,
}

// prog collects instructions.
type prog []bpf.Instruction

func arg(i uint32) bpf.Instruction { return bpf.LoadAbsolute{Off: offArgs + 8*i, Size: 4} }

func argHigh(i uint32) bpf.Instruction { return bpf.LoadAbsolute{Off: offArgs + 8*i + 4, Size: 4} }

func ret(v uint32) bpf.Instruction { return bpf.RetConstant{Val: v} }

// when runs body for one system call; body must end in an answer on every path.
func (p *prog) when(nr uint32, body ...bpf.Instruction) {
	*p = append(*p, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: nr, SkipTrue: uint8(len(body))})
	*p = append(*p, body...)
}

// onlyArg allows a call when the low half of an argument has a value.
func onlyArg(i, value uint32) []bpf.Instruction {
	return []bpf.Instruction{
		arg(i), bpf.JumpIf{Cond: bpf.JumpEqual, Val: value, SkipFalse: 1}, ret(retAllow), ret(retDeny),
	}
}

// notArg refuses a call when the low half of an argument is one of some values.
func notArg(i uint32, values ...uint32) []bpf.Instruction {
	body := []bpf.Instruction{arg(i)}
	for _, v := range values {
		body = append(body, bpf.JumpIf{Cond: bpf.JumpEqual, Val: v, SkipFalse: 1}, ret(retDeny))
	}
	return append(body, ret(retAllow))
}

// Filter assembles the system call filter of a profile: pid is the process that
// may signal itself, execFD the descriptor that may be executed, once. nil means
// that there is no filter for this kind of machine.
func Filter(profile Profile, pid, execFD int) ([]bpf.RawInstruction, error) {
	p := prog{
		bpf.LoadAbsolute{Off: offArch, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.AUDIT_ARCH_X86_64, SkipTrue: 1},
		ret(retKill),
		bpf.LoadAbsolute{Off: offNr, Size: 4},
		// x32 calls have a high bit and fall here too.
		bpf.JumpIf{Cond: bpf.JumpGreaterThan, Val: newest, SkipFalse: 1},
		ret(retAbsent),
	}
	p.when(unix.SYS_CLONE3, ret(retAbsent)) // its flags are in memory; libraries fall back to clone
	p.when(unix.SYS_CLONE,
		arg(0),
		bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: unix.CLONE_THREAD, SkipTrue: 2},
		bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: cloneNamespaces, SkipTrue: 1},
		ret(retAllow), ret(retDeny))
	p.when(unix.SYS_EXECVEAT,
		arg(0),
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: uint32(execFD), SkipTrue: 3},
		arg(4),
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.AT_EMPTY_PATH, SkipTrue: 1},
		ret(retAllow), ret(retDeny))
	p.when(unix.SYS_PRLIMIT64, // reading only: the pointer to new limits is nil
		arg(2),
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 0, SkipTrue: 3},
		argHigh(2),
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 0, SkipTrue: 1},
		ret(retAllow), ret(retDeny))
	for _, nr := range []uint32{unix.SYS_KILL, unix.SYS_TGKILL, unix.SYS_RT_SIGQUEUEINFO, unix.SYS_RT_TGSIGQUEUEINFO} {
		p.when(nr, onlyArg(0, uint32(pid))...)
	}
	p.when(unix.SYS_PRCTL, notArg(0, unix.PR_SET_PDEATHSIG, unix.PR_SET_MM)...)
	p.when(unix.SYS_IOCTL, notArg(1, deniedIoctls...)...)
	p.when(unix.SYS_SOCKET, socketRule(profile)...)
	p.when(unix.SYS_SOCKETPAIR, // a datagram one could send to any path
		arg(1),
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0xf},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SOCK_DGRAM, SkipTrue: 1},
		ret(retAllow), ret(retDeny))
	p.denyAll()
	p = append(p, ret(retAllow))
	raw, err := bpf.Assemble(p)
	if err != nil {
		return nil, fmt.Errorf("assemble the system call filter: %w", err)
	}
	return raw, nil
}

// socketRule allows unix streams; for a companion TCP too (it may listen, and
// connect is denied), datagrams of the internet protocols, with which a network
// tells computers nearby that it is there, and asking the kernel for the
// network's interfaces.
func socketRule(profile Profile) []bpf.Instruction {
	stream := []bpf.Instruction{
		arg(1),
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0xf},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SOCK_STREAM, SkipFalse: 1},
		ret(retAllow), ret(retDeny),
	}
	datagram := []bpf.Instruction{
		arg(1),
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0xf},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SOCK_STREAM, SkipTrue: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SOCK_DGRAM, SkipFalse: 1},
		ret(retAllow), ret(retDeny),
	}
	families := []uint32{unix.AF_UNIX}
	body := []bpf.Instruction{arg(0)}
	if profile == Companion {
		for _, family := range []uint32{unix.AF_INET, unix.AF_INET6} {
			body = append(body, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: family, SkipTrue: uint8(len(datagram))})
			body = append(body, datagram...) // answers on every path
		}
		body = append(body,
			bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.AF_NETLINK, SkipTrue: 4},
			arg(2),
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.NETLINK_ROUTE, SkipFalse: 1},
			ret(retAllow), ret(retDeny))
	}
	for i, f := range families {
		// To the check of the type, over the other families and the refusal.
		body = append(body, bpf.JumpIf{Cond: bpf.JumpEqual, Val: f, SkipTrue: uint8(len(families) - i)})
	}
	return append(append(body, ret(retDeny)), stream...)
}

// denyAll refuses the table, neighbouring numbers as one range.
func (p *prog) denyAll() {
	for _, r := range ranges(denied) {
		if r[0] == r[1] {
			*p = append(*p, bpf.JumpIf{Cond: bpf.JumpEqual, Val: r[0], SkipFalse: 1}, ret(retDeny))
			continue
		}
		*p = append(*p,
			bpf.JumpIf{Cond: bpf.JumpLessThan, Val: r[0], SkipTrue: 2},
			bpf.JumpIf{Cond: bpf.JumpGreaterThan, Val: r[1], SkipTrue: 1},
			ret(retDeny))
	}
}
