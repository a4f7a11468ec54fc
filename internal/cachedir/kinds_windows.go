package cachedir

// FOLDERID_LocalAppData and FOLDERID_RoamingAppData (https://learn.microsoft.com/windows/win32/shell/knownfolderid). A
// database does not roam.
var (
	cacheKind  = kind{[]string{"XDG_CACHE_HOME", "LOCALAPPDATA"}, "", "cache", true}
	dataKind   = kind{[]string{"LOCALAPPDATA"}, "", "data", false}
	stateKind  = kind{[]string{"XDG_STATE_HOME", "LOCALAPPDATA"}, "", "state", false}
	configKind = kind{[]string{"XDG_CONFIG_HOME", "APPDATA"}, "", "config", false}
)
