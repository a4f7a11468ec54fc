package cachedir

// The places of Apple's File System Programming Guide, "The Library Directory Stores App-Specific Files"; settings are
// where other command-line programs have them.
var (
	cacheKind  = kind{[]string{"XDG_CACHE_HOME"}, "Library/Caches", "cache", true}
	dataKind   = kind{nil, "Library/Application Support", "data", false}
	stateKind  = kind{[]string{"XDG_STATE_HOME"}, "Library/Application Support", "state", false}
	configKind = kind{[]string{"XDG_CONFIG_HOME"}, ".config", "config", false}
)
