package machine

// Exports that runtime/libc defines, or that [Rewrite] adds.
const (
	StartExport   = "pglite_start"
	ChildExport   = "pglite_child_main"
	SignalsExport = "pglite_signals"
	TickExport    = "pglite_tick"
	InitExport    = "pglite_init_data"
	StackExport   = "__stack_pointer"
	RoundsExport  = "pglite_rounds"
	ThrewExport   = "setThrew"
)
