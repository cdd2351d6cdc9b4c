package io.millrace.jms;

import io.millrace.jms.session.Domain;
import io.millrace.jms.session.MillraceConnection;
import io.millrace.jms.session.MillraceContext;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.TopicConnectionFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections to Millrace (Jakarta Messaging 3.1, 6.1): the unified factory and those of both domains. A URI
 * {@code millrace://host:port[,host:port...][?option=value&...]} says where the brokers are and how to talk to them; each
 * option is a bean property too. Bean setters are for the thread that sets it up; the rest is for any thread.
 */
public final class MillraceConnectionFactory
        implements ConnectionFactory, QueueConnectionFactory, TopicConnectionFactory, java.io.Serializable {
    private static final long serialVersionUID = 1L;

    private volatile ConnectionSettings settings;

    /** A factory for a broker at 127.0.0.1:9092. */
    public MillraceConnectionFactory() {
        this.settings = ConnectionSettings.defaults();
    }

    /**
     * A factory for the brokers and options of a URI.
     *
     * @throws IllegalArgumentException if the URI is malformed or an option is unknown, naming the nearest known one
     */
    public MillraceConnectionFactory(String uri) {
        this.settings = ConnectionSettings.parse(uri);
    }

    @Override
    public MillraceConnection createConnection() throws JMSException {
        return MillraceConnection.open(settings, Domain.UNIFIED);
    }

    @Override
    public MillraceConnection createConnection(@Nullable String user, @Nullable String password) throws JMSException {
        return MillraceConnection.open(settings.withUser(user, password), Domain.UNIFIED);
    }

    @Override
    public MillraceConnection createQueueConnection() throws JMSException {
        return MillraceConnection.open(settings, Domain.QUEUE);
    }

    @Override
    public MillraceConnection createQueueConnection(@Nullable String user, @Nullable String password)
            throws JMSException {
        return MillraceConnection.open(settings.withUser(user, password), Domain.QUEUE);
    }

    @Override
    public MillraceConnection createTopicConnection() throws JMSException {
        return MillraceConnection.open(settings, Domain.TOPIC);
    }

    @Override
    public MillraceConnection createTopicConnection(@Nullable String user, @Nullable String password)
            throws JMSException {
        return MillraceConnection.open(settings.withUser(user, password), Domain.TOPIC);
    }

    @Override
    public JMSContext createContext() {
        return createContext(JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(int sessionMode) {
        return MillraceContext.open(settings, sessionMode);
    }

    @Override
    public JMSContext createContext(@Nullable String user, @Nullable String password) {
        return createContext(user, password, JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(@Nullable String user, @Nullable String password, int sessionMode) {
        return MillraceContext.open(settings.withUser(user, password), sessionMode);
    }

    /** The brokers and options, without the password. */
    public String getUri() {
        return settings.uri();
    }

    /** Replaces brokers and all options. */
    public void setUri(String uri) {
        settings = ConnectionSettings.parse(uri);
    }

    /** The user, or null for anonymous. */
    public @Nullable String getUser() {
        return settings.user();
    }

    public void setUser(@Nullable String user) {
        set(ConnectionOption.USER, user);
    }

    public void setPassword(@Nullable String password) {
        set(ConnectionOption.PASSWORD, password);
    }

    /** The client identifier that every connection made will have, or null. */
    public @Nullable String getClientId() {
        return settings.clientId();
    }

    public void setClientId(@Nullable String clientId) {
        set(ConnectionOption.CLIENT_ID, clientId);
    }

    /** Whether queues and topics are created when first used. */
    public boolean isCreateDestinations() {
        return settings.createDestinations();
    }

    public void setCreateDestinations(boolean create) {
        set(ConnectionOption.CREATE_DESTINATIONS, Boolean.toString(create));
    }

    /** How many messages a consumer holds ahead of the application. */
    public int getPrefetch() {
        return settings.prefetch();
    }

    public void setPrefetch(int messages) {
        set(ConnectionOption.PREFETCH, Integer.toString(messages));
    }

    /** About how many bytes a consumer holds ahead of the application. */
    public int getPrefetchBytes() {
        return settings.prefetchBytes();
    }

    public void setPrefetchBytes(int bytes) {
        set(ConnectionOption.PREFETCH_BYTES, Integer.toString(bytes));
    }

    /** How many messages may be under way to the broker before a send without waiting blocks. */
    public int getSendWindow() {
        return settings.sendWindow();
    }

    public void setSendWindow(int messages) {
        set(ConnectionOption.SEND_WINDOW, Integer.toString(messages));
    }

    /** How many bytes may be under way to the broker before a send without waiting blocks. */
    public int getSendWindowBytes() {
        return settings.sendWindowBytes();
    }

    public void setSendWindowBytes(int bytes) {
        set(ConnectionOption.SEND_WINDOW_BYTES, Integer.toString(bytes));
    }

    /** How long a send waits for the broker's answer in ms; 0 for as long as the connection lives. */
    public long getSendTimeout() {
        return settings.sendTimeoutMs();
    }

    public void setSendTimeout(long ms) {
        set(ConnectionOption.SEND_TIMEOUT, Long.toString(ms));
    }

    /** How long the broker may take to answer a request, in ms. */
    public long getRequestTimeout() {
        return settings.requestTimeoutMs();
    }

    public void setRequestTimeout(long ms) {
        set(ConnectionOption.REQUEST_TIMEOUT, Long.toString(ms));
    }

    /** How long connecting to one address may take, in ms. */
    public long getConnectTimeout() {
        return settings.connectTimeoutMs();
    }

    public void setConnectTimeout(long ms) {
        set(ConnectionOption.CONNECT_TIMEOUT, Long.toString(ms));
    }

    /** How long a lost connection is tried again before the application hears of it, in ms. */
    public long getReconnectTimeout() {
        return settings.reconnectTimeoutMs();
    }

    public void setReconnectTimeout(long ms) {
        set(ConnectionOption.RECONNECT_TIMEOUT, Long.toString(ms));
    }

    /** How long close waits for a broker that does not answer, in ms. */
    public long getCloseTimeout() {
        return settings.closeTimeoutMs();
    }

    public void setCloseTimeout(long ms) {
        set(ConnectionOption.CLOSE_TIMEOUT, Long.toString(ms));
    }

    /** Classes and packages that ObjectMessage.getObject may deserialize, separated by commas. */
    public String getDeserializationAllow() {
        return settings.deserializationAllow();
    }

    public void setDeserializationAllow(String classesAndPackages) {
        set(ConnectionOption.DESERIALIZATION_ALLOW, classesAndPackages);
    }

    private void set(ConnectionOption option, @Nullable String text) {
        settings = settings.with(option, text);
    }
}
