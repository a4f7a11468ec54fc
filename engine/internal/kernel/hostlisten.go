package kernel

// Serve makes the host listen at path in the guest's tree: each connect(2) there gets a connection whose other end
// serve has. The connecting process waits for serve to return; the connection is to be closed at last.
func (k *Kernel) Serve(path string, serve func(*Conn)) {
	k.sockets.put(path, &socket{k: k, family: AFUnix, path: path, listening: true, host: serve})
}
