package io.millrace.jms;

import io.millrace.jms.engine.BrokerAddress;
import io.millrace.jms.engine.EngineConfig;
import java.io.Serializable;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a connection is made with: addresses of brokers and the options of {@link ConnectionOption}. Not part of the API;
 * public for the packages below. Immutable, for any thread.
 */
public final class ConnectionSettings implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final String SCHEME = "millrace://";
    private static final int DEFAULT_PORT = 9092;
    private static final int MAX_PORT = 65_535;

    /** Batches of several messages: large enough to share an answer and a CRC, small enough to pipeline. */
    private static final int MAX_BATCH_BYTES = 256 * 1024;

    private final List<String> addresses;
    private final EnumMap<ConnectionOption, String> values;

    private ConnectionSettings(List<String> addresses, EnumMap<ConnectionOption, String> values) {
        this.addresses = addresses;
        this.values = values;
    }

    /** The default broker and default options. */
    static ConnectionSettings defaults() {
        return parse(SCHEME + "127.0.0.1:" + DEFAULT_PORT);
    }

    /**
     * Reads {@code millrace://host:port[,host:port...][?option=value&...]}.
     *
     * @throws IllegalArgumentException saying what is wrong and what would be right
     */
    public static ConnectionSettings parse(String uri) {
        if (!uri.startsWith(SCHEME)) {
            throw new IllegalArgumentException(
                    "a connection URI looks like millrace://host:port[,host:port...][?option=value&...], not like '"
                            + uri + "'");
        }
        int query = uri.indexOf('?');
        String hosts = uri.substring(SCHEME.length(), query < 0 ? uri.length() : query);
        if (hosts.endsWith("/")) {
            hosts = hosts.substring(0, hosts.length() - 1);
        }
        List<String> addresses = new ArrayList<>();
        for (String host : hosts.split(",", -1)) {
            addresses.add(address(host.trim()));
        }
        ConnectionSettings settings =
                new ConnectionSettings(new ArrayList<>(addresses), new EnumMap<>(ConnectionOption.class));
        return query < 0 ? settings : settings.withOptions(uri.substring(query + 1));
    }

    private ConnectionSettings withOptions(String query) {
        ConnectionSettings settings = this;
        for (String pair : query.split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("option '" + pair + "' has no value; write " + pair + "=value");
            }
            ConnectionOption option = ConnectionOption.named(decode(pair.substring(0, equals)));
            settings = settings.with(option, decode(pair.substring(equals + 1)));
        }
        return settings;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static String address(String text) {
        URI uri = URI.create(SCHEME + text);
        String host = uri.getHost();
        if (host == null || uri.getPort() > MAX_PORT || uri.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "an address looks like host:port or [::1]:port, not like '" + text + "'");
        }
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return bare + " " + (uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort());
    }

    /**
     * These settings with one option changed; null for its default.
     *
     * @throws IllegalArgumentException if the text is not valid for the option
     */
    ConnectionSettings with(ConnectionOption option, @Nullable String text) {
        EnumMap<ConnectionOption, String> changed = new EnumMap<>(values);
        if (text == null) {
            changed.remove(option);
        } else {
            changed.put(option, option.checked(text));
        }
        return new ConnectionSettings(addresses, changed);
    }

    /** These settings with the user and password of createConnection's arguments, where given. */
    public ConnectionSettings withUser(@Nullable String user, @Nullable String password) {
        return with(ConnectionOption.USER, user).with(ConnectionOption.PASSWORD, password);
    }

    /** The addresses and options as a URI that makes the same settings, without the password. */
    String uri() {
        StringBuilder uri = new StringBuilder(SCHEME);
        String separator = "";
        for (String address : addresses) {
            int space = address.lastIndexOf(' ');
            String host = address.substring(0, space);
            uri.append(separator).append(host.contains(":") ? "[" + host + "]" : host);
            uri.append(':').append(address, space + 1, address.length());
            separator = ",";
        }
        separator = "?";
        for (Map.Entry<ConnectionOption, String> value : values.entrySet()) {
            if (value.getKey() != ConnectionOption.PASSWORD) {
                uri.append(separator).append(value.getKey().optionName()).append('=');
                uri.append(java.net.URLEncoder.encode(value.getValue(), StandardCharsets.UTF_8));
                separator = "&";
            }
        }
        return uri.toString();
    }

    @Nullable
    String text(ConnectionOption option) {
        return values.getOrDefault(option, option.defaultText());
    }

    int count(ConnectionOption option) {
        return option.asCount(Objects.requireNonNull(text(option)));
    }

    long durationMs(ConnectionOption option) {
        return option.asDurationMs(Objects.requireNonNull(text(option)));
    }

    boolean isOn(ConnectionOption option) {
        return option.asSwitch(Objects.requireNonNull(text(option)));
    }

    /** What the engine of a new connection is made with. */
    public EngineConfig engineConfig() {
        List<BrokerAddress> brokers = new ArrayList<>();
        for (String address : addresses) {
            int space = address.lastIndexOf(' ');
            brokers.add(new BrokerAddress(address.substring(0, space), Integer.parseInt(address.substring(space + 1))));
        }
        EngineConfig.Timeouts defaults = EngineConfig.Timeouts.DEFAULT;
        return new EngineConfig(
                new EngineConfig.Identity(UUID.randomUUID(), clientId(), user(), password(), ClientVersion.TEXT),
                brokers,
                new EngineConfig.Timeouts(
                        durationMs(ConnectionOption.CONNECT_TIMEOUT),
                        durationMs(ConnectionOption.REQUEST_TIMEOUT),
                        durationMs(ConnectionOption.RECONNECT_TIMEOUT),
                        defaults.backoffMs(),
                        defaults.maxBackoffMs()),
                createDestinations(),
                MAX_BATCH_BYTES);
    }

    public @Nullable String user() {
        return text(ConnectionOption.USER);
    }

    public @Nullable String password() {
        return text(ConnectionOption.PASSWORD);
    }

    public @Nullable String clientId() {
        return text(ConnectionOption.CLIENT_ID);
    }

    public boolean createDestinations() {
        return isOn(ConnectionOption.CREATE_DESTINATIONS);
    }

    public int prefetch() {
        return count(ConnectionOption.PREFETCH);
    }

    public int prefetchBytes() {
        return count(ConnectionOption.PREFETCH_BYTES);
    }

    public int sendWindow() {
        return count(ConnectionOption.SEND_WINDOW);
    }

    public int sendWindowBytes() {
        return count(ConnectionOption.SEND_WINDOW_BYTES);
    }

    public long sendTimeoutMs() {
        return durationMs(ConnectionOption.SEND_TIMEOUT);
    }

    public long requestTimeoutMs() {
        return durationMs(ConnectionOption.REQUEST_TIMEOUT);
    }

    public long connectTimeoutMs() {
        return durationMs(ConnectionOption.CONNECT_TIMEOUT);
    }

    public long reconnectTimeoutMs() {
        return durationMs(ConnectionOption.RECONNECT_TIMEOUT);
    }

    public long closeTimeoutMs() {
        return durationMs(ConnectionOption.CLOSE_TIMEOUT);
    }

    public String deserializationAllow() {
        return Objects.requireNonNullElse(text(ConnectionOption.DESERIALIZATION_ALLOW), "");
    }
}
