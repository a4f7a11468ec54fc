package install

import "strings"

// dirName is a bundle identifier: org.example.My-App.
func (a AppID) dirName() (string, error) {
	var parts []string
	for _, part := range []string{a.Qualifier, a.Organization, a.App} {
		if part != "" {
			parts = append(parts, strings.ReplaceAll(part, " ", "-"))
		}
	}
	return strings.Join(parts, "."), a.check()
}
