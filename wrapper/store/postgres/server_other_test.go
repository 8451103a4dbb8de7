//go:build !unix

package postgres_test

import "syscall"

// owner has nothing to give: there is no root here.
func owner(string) (*syscall.SysProcAttr, error) { return &syscall.SysProcAttr{}, nil }
