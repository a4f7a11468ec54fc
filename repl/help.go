package repl

import (
	"context"
	"strings"
)

// helpIndent is the column of \? at which a command's description starts.
const helpIndent = 30

// helpWidth is how wide the lines of \? are.
const helpWidth = 100

// helpText returns what \? shows.
func helpText() string {
	var b strings.Builder
	for i, s := range subjects() {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(s.title + "\n")
		if s.note != "" {
			b.WriteString("  (" + s.note + ")\n")
		}
		for _, c := range s.commands {
			writeHelp(&b, c)
		}
	}
	return b.String()
}

// writeHelp writes a command and its description, which goes on below itself.
func writeHelp(b *strings.Builder, c command) {
	column, _ := b.WriteString("  " + c.usage)
	if column+2 > helpIndent {
		b.WriteByte('\n')
		column = 0
	}
	for word := range strings.FieldsSeq(c.about) {
		switch {
		case column < helpIndent:
			b.WriteString(strings.Repeat(" ", helpIndent-column))
			column = helpIndent
		case column+1+len(word) > helpWidth:
			b.WriteString("\n" + strings.Repeat(" ", helpIndent))
			column = helpIndent
		default:
			b.WriteByte(' ')
			column++
		}
		n, _ := b.WriteString(word)
		column += n
	}
	b.WriteByte('\n')
}

// helpCommand shows the backslash commands, with "options" the options of the command line, or with "variables" the
// special variables, of which psql is asked.
func helpCommand(ctx context.Context, r *scriptRun, c *call) error {
	text := helpText()
	switch {
	case c.arg(0) == "options" && r.Usage != nil:
		text = r.Usage()
	case c.arg(0) == "variables" && r.Help != nil:
		if about, err := r.Help(ctx, `\? variables`); err == nil && about != "" {
			text = about
		}
	}
	return r.pageText(text)
}

// sqlCommands are the SQL commands of https://www.postgresql.org/docs/18/sql-commands.html.
var sqlCommands = strings.Split(`ABORT,ALTER AGGREGATE,ALTER COLLATION,ALTER CONVERSION,ALTER DATABASE,ALTER DEFAULT PRIVILEGES,ALTER DOMAIN,`+
	`ALTER EVENT TRIGGER,ALTER EXTENSION,ALTER FOREIGN DATA WRAPPER,ALTER FOREIGN TABLE,ALTER FUNCTION,ALTER GROUP,ALTER INDEX,ALTER LANGUAGE,`+
	`ALTER LARGE OBJECT,ALTER MATERIALIZED VIEW,ALTER OPERATOR,ALTER OPERATOR CLASS,ALTER OPERATOR FAMILY,ALTER POLICY,ALTER PROCEDURE,`+
	`ALTER PUBLICATION,ALTER ROLE,ALTER ROUTINE,ALTER RULE,ALTER SCHEMA,ALTER SEQUENCE,ALTER SERVER,ALTER STATISTICS,ALTER SUBSCRIPTION,`+
	`ALTER SYSTEM,ALTER TABLE,ALTER TABLESPACE,ALTER TEXT SEARCH CONFIGURATION,ALTER TEXT SEARCH DICTIONARY,ALTER TEXT SEARCH PARSER,`+
	`ALTER TEXT SEARCH TEMPLATE,ALTER TRIGGER,ALTER TYPE,ALTER USER,ALTER USER MAPPING,ALTER VIEW,ANALYZE,BEGIN,CALL,CHECKPOINT,CLOSE,CLUSTER,`+
	`COMMENT,COMMIT,COMMIT PREPARED,COPY,CREATE ACCESS METHOD,CREATE AGGREGATE,CREATE CAST,CREATE COLLATION,CREATE CONVERSION,CREATE DATABASE,`+
	`CREATE DOMAIN,CREATE EVENT TRIGGER,CREATE EXTENSION,CREATE FOREIGN DATA WRAPPER,CREATE FOREIGN TABLE,CREATE FUNCTION,CREATE GROUP,`+
	`CREATE INDEX,CREATE LANGUAGE,CREATE MATERIALIZED VIEW,CREATE OPERATOR,CREATE OPERATOR CLASS,CREATE OPERATOR FAMILY,CREATE POLICY,`+
	`CREATE PROCEDURE,CREATE PUBLICATION,CREATE ROLE,CREATE RULE,CREATE SCHEMA,CREATE SEQUENCE,CREATE SERVER,CREATE STATISTICS,`+
	`CREATE SUBSCRIPTION,CREATE TABLE,CREATE TABLE AS,CREATE TABLESPACE,CREATE TEXT SEARCH CONFIGURATION,CREATE TEXT SEARCH DICTIONARY,`+
	`CREATE TEXT SEARCH PARSER,CREATE TEXT SEARCH TEMPLATE,CREATE TRANSFORM,CREATE TRIGGER,CREATE TYPE,CREATE USER,CREATE USER MAPPING,`+
	`CREATE VIEW,DEALLOCATE,DECLARE,DELETE,DISCARD,DO,DROP ACCESS METHOD,DROP AGGREGATE,DROP CAST,DROP COLLATION,DROP CONVERSION,DROP DATABASE,`+
	`DROP DOMAIN,DROP EVENT TRIGGER,DROP EXTENSION,DROP FOREIGN DATA WRAPPER,DROP FOREIGN TABLE,DROP FUNCTION,DROP GROUP,DROP INDEX,`+
	`DROP LANGUAGE,DROP MATERIALIZED VIEW,DROP OPERATOR,DROP OPERATOR CLASS,DROP OPERATOR FAMILY,DROP OWNED,DROP POLICY,DROP PROCEDURE,`+
	`DROP PUBLICATION,DROP ROLE,DROP ROUTINE,DROP RULE,DROP SCHEMA,DROP SEQUENCE,DROP SERVER,DROP STATISTICS,DROP SUBSCRIPTION,DROP TABLE,`+
	`DROP TABLESPACE,DROP TEXT SEARCH CONFIGURATION,DROP TEXT SEARCH DICTIONARY,DROP TEXT SEARCH PARSER,DROP TEXT SEARCH TEMPLATE,`+
	`DROP TRANSFORM,DROP TRIGGER,DROP TYPE,DROP USER,DROP USER MAPPING,DROP VIEW,END,EXECUTE,EXPLAIN,FETCH,GRANT,IMPORT FOREIGN SCHEMA,INSERT,`+
	`LISTEN,LOAD,LOCK,MERGE,MOVE,NOTIFY,PREPARE,PREPARE TRANSACTION,REASSIGN OWNED,REFRESH MATERIALIZED VIEW,REINDEX,RELEASE SAVEPOINT,RESET,`+
	`REVOKE,ROLLBACK,ROLLBACK PREPARED,ROLLBACK TO SAVEPOINT,SAVEPOINT,SECURITY LABEL,SELECT,SELECT INTO,SET,SET CONSTRAINTS,SET ROLE,`+
	`SET SESSION AUTHORIZATION,SET TRANSACTION,SHOW,START TRANSACTION,TABLE,TRUNCATE,UNLISTEN,UPDATE,VACUUM,VALUES,WITH`, ",")

// sqlHelpCommand shows the syntax of SQL commands, or which there are, where psql can be asked for it. Otherwise it
// lists the commands that begin with a text, with the page of the manual for each.
func sqlHelpCommand(ctx context.Context, r *scriptRun, c *call) error {
	wanted := strings.ToUpper(strings.TrimRight(c.line(), "; *"))
	if r.Help != nil {
		if text, err := r.Help(ctx, `\h `+c.line()); err == nil && text != "" {
			return r.pageText(text)
		}
	}
	var found strings.Builder
	for _, name := range sqlCommands {
		if strings.HasPrefix(name, wanted) {
			found.WriteString(name + strings.Repeat(" ", 34-len(name)) + manualPage(name) + "\n")
		}
	}
	if found.Len() == 0 {
		found.WriteString("No help available for \"" + c.line() + "\".\nTry \\h with no arguments to see available help.\n")
	}
	return r.pageText(found.String())
}

func manualPage(name string) string {
	page := strings.ToLower(strings.ReplaceAll(name, " ", ""))
	switch page {
	case "altertextsearchconfiguration", "altertextsearchdictionary", "altertextsearchparser", "altertextsearchtemplate",
		"createtextsearchconfiguration", "createtextsearchdictionary", "createtextsearchparser", "createtextsearchtemplate",
		"droptextsearchconfiguration", "droptextsearchdictionary", "droptextsearchparser", "droptextsearchtemplate":
		for long, short := range map[string]string{"textsearch": "ts", "configuration": "config", "dictionary": "dictionary"} {
			page = strings.Replace(page, long, short, 1)
		}
	case "createoperatorclass", "alteroperatorclass", "dropoperatorclass", "createoperatorfamily", "alteroperatorfamily", "dropoperatorfamily":
		page = strings.NewReplacer("operator", "op").Replace(page)
	case "table", "with":
		page = "select"
	case "rollbacktosavepoint":
		page = "rollback-to"
	case "commitprepared", "rollbackprepared", "reassignowned", "dropowned", "preparetransaction", "createtableas", "releasesavepoint":
		page = map[string]string{
			"commitprepared": "commit-prepared", "rollbackprepared": "rollback-prepared", "reassignowned": "reassign-owned",
			"dropowned": "drop-owned", "preparetransaction": "prepare-transaction", "createtableas": "createtableas", "releasesavepoint": "release-savepoint",
		}[page]
	case "securitylabel", "setconstraints", "setrole", "settransaction", "starttransaction":
		page = strings.ToLower(strings.ReplaceAll(name, " ", "-"))
	case "setsessionauthorization":
		page = "set-session-authorization"
	}
	return "https://www.postgresql.org/docs/18/sql-" + page + ".html"
}
