//go:build unix && !darwin

package cachedir

// The places of the XDG Base Directory Specification (https://specifications.freedesktop.org/basedir-spec/latest/).
var (
	cacheKind  = kind{[]string{"XDG_CACHE_HOME"}, ".cache", "cache", true}
	dataKind   = kind{[]string{"XDG_DATA_HOME"}, ".local/share", "data", false}
	stateKind  = kind{[]string{"XDG_STATE_HOME"}, ".local/state", "state", false}
	configKind = kind{[]string{"XDG_CONFIG_HOME"}, ".config", "config", false}
)
