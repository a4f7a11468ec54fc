/*
 * initdb wants its own copies of libpq's encoding functions, under private names
 * (USE_PRIVATE_ENCODING_FUNCS), because a libpq that is loaded may be another version's.
 * Here libpq is linked in, so there is one version, and the private names lead to it.
 */
extern int pg_char_to_encoding(const char *name);
extern const char *pg_encoding_to_char(int encoding);
extern int pg_valid_server_encoding(const char *name);
extern int pg_valid_server_encoding_id(int encoding);
extern int pg_utf_mblen(const unsigned char *s);

int
pg_char_to_encoding_private(const char *name)
{
	return pg_char_to_encoding(name);
}

const char *
pg_encoding_to_char_private(int encoding)
{
	return pg_encoding_to_char(encoding);
}

int
pg_valid_server_encoding_private(const char *name)
{
	return pg_valid_server_encoding(name);
}

int
pg_valid_server_encoding_id_private(int encoding)
{
	return pg_valid_server_encoding_id(encoding);
}

int
pg_utf_mblen_private(const unsigned char *s)
{
	return pg_utf_mblen(s);
}
