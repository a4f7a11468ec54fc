package main

import "syscall"

// nobody is for root, whom Windows does not have.
func nobody(string) (*syscall.SysProcAttr, error) { return nil, nil }
