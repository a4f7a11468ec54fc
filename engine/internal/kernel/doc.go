// Package kernel is the operating system that PostgreSQL's processes run on: processes, signals,
// interval timers, descriptors shared across fork, pipes, sockets, poll, semaphores (futexes),
// shared memory. It knows nothing of WebAssembly engines: a process is an [Instance] with a
// linear memory, in one goroutine.
//
// # Locks
//
// Each lock is held for a few instructions and never across a call into the guest or a wait, but for turns: a reader
// and a writer of a [Conn] keep theirs while they wait, and who writes to the host's standard streams while the Write
// runs. Turns are taken first, and one at a time. Two more are held across calls of the host: Description.mu while a
// file is read or written at the offset that it guards, a stream's while a [DirectWriter] writes without waiting. Where
// two are held at once, the order is
//
//	Kernel.mu (process table, parents and children)
//	  then Process.mu (signal words, timer)
//	    then socket.mu (name, backlog), then socketNames.mu
//	      then the lock of a stream, a futex bucket or a Description
//	        then waitQueue.mu
//
// sharedMemory.mu is held alone, but for the locks of package memory. A descriptor table needs none: only its process
// uses it.
//
// # Waiting
//
// A process waits in one way: it enters the wait queues of the objects it waits for, checks
// their state, and parks; whoever changes the state unparks all that are in the queue. A parker holds one
// token, so that an unpark between check and park is not lost. Signals unpark as well: a
// wait ends with EINTR when a signal is pending that is neither blocked nor ignored. Waiting allocates nothing.
//
// # Lifetimes
//
// A process's goroutine ends it: timer stopped, descriptors closed, memory freed, then the parent told. Others reach
// its signal words only under Process.mu, where they are nil after that. [Kernel.Close] waits for every process that
// newProcess has made; one that is made later, by a fork on its way, is born killed.
package kernel
