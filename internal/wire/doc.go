// Package wire takes PostgreSQL's protocol apart (https://www.postgresql.org/docs/18/protocol.html): it watches
// connections, splits what goes over them into messages, names these and their fields, and hides the secrets in them.
//
// Hiding secrets is best effort. The messages that are made for secrets, such as PasswordMessage, are hidden whole. In
// SQL and in data a secret is found by what stands around it, such as the word PASSWORD. A password that nothing
// announces, such as one in a table or among the parameters of a query, cannot be told from other text.
package wire
