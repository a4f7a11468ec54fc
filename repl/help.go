package repl

import (
	"context"
	"strings"
)

// helpText is what \? shows.
const helpText = `General
  \q                     leave
  \g [(OPTIONS)] [FILE]  run the statement; \gx expanded, \gdesc describe its result, \gset [PREFIX] store it in
                         variables, \gexec run each value of it, \crosstabview [COLUMNS] turn rows into columns
  \watch [[i=]SEC] [c=N] [m=MIN]
                         run it again and again
  \errverbose            the last error in full
  \? [options|variables] help on backslash commands, on options of the command line, on special variables
  \h [NAME]              help on SQL

Statement
  \e [FILE] [LINE]       edit; \ef [FUNCTION], \ev [VIEW] edit a definition
  \p \r \s [FILE]        print it, clear it, show the history
  \w FILE                write it to a file
  \bind [PARAM]...       parameters for the next one
  \startpipeline         send statements without waiting for results: \sendpipeline after \bind, \syncpipeline, \flush,
                         \flushrequest, \getresults [COUNT], \endpipeline
  \parse NAME            prepare it; \bind_named NAME [PARAM]... \g runs it, \close_prepared NAME removes it

Input and output
  \copy ...              COPY with files of this machine
  \echo \qecho \warn [-n] [TEXT]
                         print to standard output, to the results, to standard error
  \lo_import FILE [COMMENT], \lo_export OID FILE, \lo_unlink OID, \lo_list
                         large objects
  \i FILE, \ir FILE      run a script, by a name relative to the one running
  \o [FILE]              send results to a file or |program
  \! [COMMAND], \cd [DIR]
                         run a program, change the directory

Conditions
  \if EXPR \elif EXPR \else \endif

Objects                  (S = system objects too, x = expanded, + = more, PATTERN with * and ?)
  \d[Sx+]                tables, views and sequences
  \d[S+] NAME            a table, view, sequence or index
  \dt \di \dv \dm \ds \dE \dP [PATTERN]
                         tables, indexes, views, materialized views, sequences, foreign and partitioned tables
  \df [NAME [TYPE]...], \do [NAME [TYPE [TYPE]]]
                         functions, operators, by the types of their arguments too
  \df \da \do \dT \dD \dC \dO
                         functions, aggregates, operators, types, domains, casts, collations
  \dn \l \du \dg \drg \db \dp \ddp \drds
                         schemas, databases, roles, grants of roles, tablespaces, privileges, default privileges, settings
  \dx \dL \dy \dF \dFd \dFp \dFt \dA \dc \dX \dRp \dRs \des \det \deu \dew \dl \dd
                         extensions, languages, event triggers, text search, access methods, conversions, statistics,
                         publications, subscriptions, foreign data, large objects, comments
  \dconfig [PATTERN]     server parameters
  \sf[+] FUNCTION, \sv[+] VIEW
                         a definition

Look of results
  \a \H \t \x [on|off|auto]
                         aligned or not, HTML, rows only, expanded
  \C TITLE, \f SEPARATOR, \T ATTRIBUTES
  \pset [NAME [VALUE]]   ` + "border columns csv_fieldsep expanded fieldsep footer format linestyle null\n" + `                         pager pager_min_lines recordsep tableattr title tuples_only
  \timing [on|off]       tell how long statements take
  \hex [on|off|both]     show the bytes and messages on the wire in place of results, or after them

Connection
  \c [DATABASE [USER [HOST [PORT]]]] or CONNECTION STRING
                         connect anew, also to another server
  \conninfo \encoding [NAME] \password [USER]

Variables
  \set [NAME [VALUE]], \unset NAME
  \prompt [TEXT] NAME    ask for a value
  \getenv NAME ENV, \setenv ENV [VALUE]
`

// helpCommand shows the backslash commands, with "options" the options of the command line, or with "variables" the special
// variables, of which psql is asked.
func helpCommand(ctx context.Context, r *scriptRun, c *call) error {
	text := helpText
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

// sqlHelpCommand shows the syntax of SQL commands, or which there are, where psql can be asked for it. Otherwise it lists the
// commands that begin with a text, with the page of the manual for each.
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
