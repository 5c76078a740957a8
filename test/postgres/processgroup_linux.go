package postgres

import "syscall"

// ownGroup lets a program run in a process group of its own: Ctrl-C of the terminal does not reach it, so that what uses the
// database ends first. It ends with the process that has started it, even if that is killed.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGQUIT}
}
