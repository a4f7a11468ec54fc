import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Properties;
import org.postgresql.PGConnection;

/** PostgreSQL's JDBC driver. */
public class Jdbc {
	interface Check { void run() throws Exception; }

	static void attempt(String feature, Check check) {
		try {
			check.run();
			System.out.println(feature + "\tok\t");
		} catch (Throwable e) {
			System.out.println(feature + "\tfail\t" + e.toString().replace('\n', ' ').replace('\t', ' '));
		}
	}

	static void none(String feature, String why) { System.out.println(feature + "\tnone\t" + why); }

	static void want(Object got, Object wanted) {
		if (!got.equals(wanted)) throw new AssertionError("got " + got + ", want " + wanted);
	}

	static Connection connect(String... options) throws SQLException {
		Properties p = new Properties();
		p.setProperty("user", "postgres");
		p.setProperty("sslmode", "disable");
		for (int i = 0; i < options.length; i += 2) p.setProperty(options[i], options[i + 1]);
		String url = "jdbc:postgresql://" + System.getenv("COMPAT_HOST") + ":" + System.getenv("COMPAT_PORT") + "/postgres";
		return DriverManager.getConnection(url, p);
	}

	static void ping(String... options) throws SQLException {
		try (Connection c = connect(options); Statement s = c.createStatement(); ResultSet r = s.executeQuery("select 1")) {
			r.next();
			want(r.getInt(1), 1);
		}
	}

	static void sum(Connection c) throws SQLException {
		try (PreparedStatement s = c.prepareStatement("select ?::int + ?::int")) {
			s.setInt(1, 40);
			s.setInt(2, 2);
			ResultSet r = s.executeQuery();
			r.next();
			want(r.getInt(1), 42);
		}
	}

	public static void main(String[] args) throws Exception {
		System.out.println("version\t" + org.postgresql.util.DriverInfo.DRIVER_VERSION + "\t");
		none("unix", "the driver has TCP only");
		attempt("tcp", () -> ping());
		attempt("tls", () -> ping("sslmode", "verify-ca", "sslrootcert", System.getenv("COMPAT_CA")));
		attempt("scram", () -> ping("user", System.getenv("COMPAT_ROLE"), "password", System.getenv("COMPAT_PASSWORD")));
		none("url-unix", "JDBC has URLs of its own");
		none("url-tcp", "JDBC has URLs of its own");
		attempt("simple", () -> { try (Connection c = connect("preferQueryMode", "simple")) { sum(c); } });
		Connection c = connect();
		attempt("extended", () -> sum(c));
		attempt("prepared", () -> {
			try (PreparedStatement s = c.prepareStatement("select ?::int * 2")) { // named after the fifth execution
				for (int i = 0; i < 100; i++) {
					s.setInt(1, i);
					ResultSet r = s.executeQuery();
					r.next();
					want(r.getInt(1), 2 * i);
				}
			}
		});
		attempt("pipeline", () -> {
			c.createStatement().execute("create temp table batch(i int primary key)");
			try (PreparedStatement s = c.prepareStatement("insert into batch values (?)")) {
				for (int i = 0; i < 500; i++) {
					s.setInt(1, i);
					s.addBatch();
				}
				want(s.executeBatch().length, 500);
			}
		});
		attempt("pipeline-error", () -> {
			try (Statement s = c.createStatement()) {
				s.addBatch("insert into batch values (1000)");
				s.addBatch("insert into batch values (1)");
				s.addBatch("insert into batch values (1001)");
				try {
					s.executeBatch();
					throw new AssertionError("no error");
				} catch (SQLException e) {
					want(e.getSQLState(), "23505");
				}
				ResultSet r = s.executeQuery("select count(*)::int from batch");
				r.next();
				want(r.getInt(1), 500);
			}
		});
		attempt("binary", () -> {
			byte[] data = {0, 1, (byte) 255};
			try (Connection b = connect("binaryTransfer", "true", "prepareThreshold", "-1"); PreparedStatement s = b.prepareStatement("select ?::bytea, ?::int8, ?::timestamptz")) {
				java.time.OffsetDateTime at = java.time.OffsetDateTime.parse("2024-02-29T12:00:00.123456Z");
				s.setBytes(1, data);
				s.setLong(2, 1L << 60);
				s.setObject(3, at);
				ResultSet r = s.executeQuery();
				r.next();
				want(Arrays.equals(r.getBytes(1), data), true);
				want(r.getLong(2), 1L << 60);
				want(r.getObject(3, java.time.OffsetDateTime.class).toInstant(), at.toInstant());
			}
		});
		PGConnection pg = c.unwrap(PGConnection.class);
		attempt("copy-in", () -> {
			c.createStatement().execute("create temp table copied(a int, b text)");
			byte[] rows = "1\ttext\n".repeat(100_000).getBytes(StandardCharsets.UTF_8);
			want(pg.getCopyAPI().copyIn("copy copied from stdin", new ByteArrayInputStream(rows)), 100_000L);
		});
		attempt("copy-out", () -> {
			ByteArrayOutputStream out = new ByteArrayOutputStream();
			want(pg.getCopyAPI().copyOut("copy (select g, repeat('x', 100) from generate_series(1, 100000) g) to stdout", out), 100_000L);
		});
		attempt("cancel", () -> {
			Statement s = c.createStatement();
			String endless = "select count(*) from generate_series(1, 1e10::bigint)";
			Thread canceler = new Thread(() -> {
				try (Connection other = connect(); Statement ask = other.createStatement()) {
					boolean busy = false;
					while (!busy) {
						ResultSet r = ask.executeQuery("select exists (select from pg_stat_activity where state = 'active' and query = '" + endless + "')");
						r.next();
						busy = r.getBoolean(1);
						Thread.sleep(10);
					}
					s.cancel();
				} catch (Exception e) {
					throw new RuntimeException(e);
				}
			});
			canceler.start();
			try {
				s.execute(endless);
				throw new AssertionError("no error");
			} catch (SQLException e) {
				want(e.getSQLState(), "57014");
			}
			canceler.join();
		});
		attempt("notify", () -> {
			c.createStatement().execute("listen news");
			try (Connection other = connect()) { other.createStatement().execute("notify news, 'hello'"); }
			want(pg.getNotifications(60_000)[0].getParameter(), "hello");
		});
		attempt("large", () -> {
			String big = "0123456789".repeat(2_000_000);
			try (PreparedStatement s = c.prepareStatement("select ?::text")) {
				s.setString(1, big);
				ResultSet r = s.executeQuery();
				r.next();
				want(r.getString(1).equals(big), true);
			}
			c.setAutoCommit(false);
			try (Statement s = c.createStatement()) { // through a portal, a thousand rows at a time
				s.setFetchSize(1000);
				ResultSet r = s.executeQuery("select repeat(g::text, 100) from generate_series(1, 50000) g");
				int n = 0;
				while (r.next()) n++;
				want(n, 50_000);
			}
		});
		c.close();
	}
}
