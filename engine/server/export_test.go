package server

// MostSessions returns how many sessions the door lets in.
func MostSessions(s *Server) int {
	s.crowd.mu.Lock()
	defer s.crowd.mu.Unlock()
	return s.crowd.most[session]
}
