//go:build !unix

package main

import "os/exec"

// endWithClients: PostgreSQL's drivers are built and run on Unix only.
func endWithClients(*exec.Cmd) {}
