// Package wazero executes programs by wazero (https://wazero.io), which compiles a module on the user's machine. It is
// the one place that knows wazero: modules are compiled once and the machine code is kept in the user's cache.
package wazero
