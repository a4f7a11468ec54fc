package server

// MostSessions returns how many sessions the door lets in.
func MostSessions(s *Server) int {
	s.admission.mu.Lock()
	defer s.admission.mu.Unlock()
	return s.admission.max[sessionSlot]
}
