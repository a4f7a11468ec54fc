package cmd

// ignoreBrokenPipe does nothing: on Windows a write to a closed pipe is an error and no signal.
func ignoreBrokenPipe() (stop func()) { return func() {} }
