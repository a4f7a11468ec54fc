package catalog

import (
	"context"
	"fmt"
	"strings"
)

// visibleName returns an expression for a name, with its schema where it has to be told.
func visibleName(visible, schema, name string) string {
	return fmt.Sprintf("CASE WHEN %s THEN @format('%%I', %s) ELSE @format('%%I.%%I', %s, %s) END", visible, name, schema, name)
}

// typeMatched is what a pattern for types is matched with.
var typeMatched = matched{schema: "tn.nspname", name: "t.typname", other: "@format_type(t.oid, NULL)", visible: "@pg_type_is_visible(t.oid)"}

// operatorListings are those of operator classes and families. Their first pattern is for access methods.
func operatorListings() map[string]describeFunc {
	family := visibleName("@pg_opfamily_is_visible(of.oid)", "nsf.nspname", "of.opfname")
	ofFamily := "LEFT JOIN @pg_am am ON am.oid = of.opfmethod LEFT JOIN @pg_namespace nsf ON nsf.oid = of.opfnamespace"
	method := listed{"AM", "am.amname", always}
	named := matched{schema: "nsf.nspname", name: "of.opfname"}
	return map[string]describeFunc{
		"dAc": operatorListing(listing{
			title: "List of operator classes",
			columns: []listed{
				method,
				{"Input type", "@format_type(c.opcintype, NULL)", always},
				{"Storage type", "CASE WHEN c.opckeytype <> 0 AND c.opckeytype <> c.opcintype THEN @format_type(c.opckeytype, NULL) END", always},
				{"Operator class", visibleName("@pg_opclass_is_visible(c.oid)", "n.nspname", "c.opcname"), always},
				{"Default?", "CASE WHEN c.opcdefault THEN 'yes' ELSE 'no' END", always},
				{"Operator family", family, more},
				{"Owner", owner("c.opcowner"), more},
			},
			from: "@pg_opclass c LEFT JOIN @pg_am am ON am.oid = c.opcmethod LEFT JOIN @pg_namespace n ON n.oid = c.opcnamespace LEFT JOIN @pg_type t ON t.oid = c.opcintype " +
				"LEFT JOIN @pg_namespace tn ON tn.oid = t.typnamespace LEFT JOIN @pg_opfamily of ON of.oid = c.opcfamily LEFT JOIN @pg_namespace nsf ON nsf.oid = of.opfnamespace",
			order: "1, 2, 4",
		}, typeMatched, "%s"),
		"dAf": operatorListing(listing{
			title: "List of operator families",
			columns: []listed{
				method,
				{"Operator family", family, always},
				{"Applicable types", "(SELECT @string_agg(@format_type(oc.opcintype, NULL), ', ') FROM @pg_opclass oc WHERE oc.opcfamily = of.oid)", always},
				{"Owner", owner("of.opfowner"), more},
			},
			from: "@pg_opfamily of " + ofFamily, order: "1, 2",
		}, typeMatched, "EXISTS (SELECT FROM @pg_type t JOIN @pg_opclass oc ON oc.opcintype = t.oid LEFT JOIN @pg_namespace tn ON tn.oid = t.typnamespace WHERE oc.opcfamily = of.oid AND %s)"),
		"dAo": operatorListing(listing{
			title: "List of operators of operator families",
			columns: []listed{
				method,
				{"Operator family", family, always},
				{"Operator", "o.amopopr::@regoperator", always},
				{"Strategy", "o.amopstrategy", always},
				{"Purpose", "CASE o.amoppurpose WHEN 'o' THEN 'ordering' WHEN 's' THEN 'search' END", always},
				{"Sort opfamily", "ofs.opfname", more},
				{"Leakproof?", "CASE WHEN p.proleakproof THEN 'yes' ELSE 'no' END", more},
			},
			from: "@pg_amop o LEFT JOIN @pg_opfamily of ON of.oid = o.amopfamily " + ofFamily +
				" LEFT JOIN @pg_opfamily ofs ON ofs.oid = o.amopsortfamily LEFT JOIN @pg_operator op ON op.oid = o.amopopr LEFT JOIN @pg_proc p ON p.oid = op.oprcode",
			order: "1, 2, o.amoplefttype = o.amoprighttype DESC, @format_type(o.amoplefttype, NULL), @format_type(o.amoprighttype, NULL), o.amopstrategy",
		}, named, "%s"),
		"dAp": operatorListing(listing{
			title: "List of support functions of operator families",
			columns: []listed{
				method,
				{"Operator family", family, always},
				{"Registered left type", "@format_type(ap.amproclefttype, NULL)", always},
				{"Registered right type", "@format_type(ap.amprocrighttype, NULL)", always},
				{"Number", "ap.amprocnum", always},
				{"Function", "p.proname", less},
				{"Function", "ap.amproc::@regprocedure", more},
			},
			from:  "@pg_amproc ap LEFT JOIN @pg_opfamily of ON of.oid = ap.amprocfamily " + ofFamily + " LEFT JOIN @pg_proc p ON p.oid = ap.amproc",
			order: "1, 2, ap.amproclefttype = ap.amprocrighttype DESC, 3, 4, 5",
		}, named, "%s"),
	}
}

// operatorListing returns a listing that takes a second pattern; what it is matched with stands in wrap, at %s.
func operatorListing(l listing, second matched, wrap string) describeFunc {
	l.match = matched{name: "am.amname"}
	return func(ctx context.Context, r *Reader, f flags, pattern string) error {
		l := l
		if f.second() != "" {
			conditions, err := second.conditions(f.second(), r.Database)
			if err != nil {
				return r.Wrong(err.Error())
			}
			if len(conditions) > 0 {
				l.where = fmt.Sprintf(wrap, strings.Join(conditions, " AND "))
			}
		}
		return l.run(ctx, r, f, pattern)
	}
}
