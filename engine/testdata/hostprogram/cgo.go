//go:build cgo

package main

/*
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

static atomic_int ended;
static pthread_t thread;

static void *busy(void *unused)
{
	struct timespec now;
	while (!atomic_load(&ended))
		clock_gettime(CLOCK_MONOTONIC, &now);
	return unused;
}

static int begin(void) { atomic_store(&ended, 0); return pthread_create(&thread, 0, busy, 0); }
static int end(void) { atomic_store(&ended, 1); return pthread_join(thread, 0); }
static int once(int n) { return n + 1; }
*/
import "C"

import "fmt"

func init() { elsewhere = inC }

// inC keeps a thread of C busy, to which the system may send any signal of the process, and calls C meanwhile.
func inC(stop <-chan struct{}) {
	if C.begin() != 0 {
		fmt.Println("no thread of C")
		return
	}
	defer C.end()
	for n := C.int(0); ; n = C.once(n) {
		select {
		case <-stop:
			return
		default:
		}
	}
}
