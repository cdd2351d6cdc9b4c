package io.millrace.protocol;

/**
 * The record headers of a JMS message, and what they hold. The body is the record's value, JMSXGroupID its key; every
 * property is a header of its own name whose value is the property as UTF-8 text; a JMS header keeps its name and is
 * left out where it has its default.
 *
 * <p>A JMS producer's record begins with the header {@link #TYPES}, ASCII text of at least four characters:
 *
 * <ol>
 *   <li>the version, {@value #TYPES_VERSION};
 *   <li>the message's type: {@code M} Message, {@code T} TextMessage, {@code B} BytesMessage, {@code P} MapMessage,
 *       {@code S} StreamMessage, {@code O} ObjectMessage;
 *   <li>two hexadecimal digits of summary bits: in the first record of a batch what any record of the batch uses, in the
 *       others 00. A batch whose first record says 00 is plain: it is folded without looking at its other records;
 *   <li>then a character for each property, in the order of their headers, which follow behind all JMS headers:
 *       {@code z} boolean, {@code b} byte, {@code h} short, {@code i} int, {@code l} long, {@code f} float,
 *       {@code d} double, {@code s} String, {@code n} null.
 * </ol>
 *
 * <p>A record without this header was made by a Kafka client: a BytesMessage, or a Message where the value is null,
 * its headers String properties where they are UTF-8 and their names are Java identifiers.
 */
public final class MessageHeaders {
    /** The header that names the type of the message and of its properties. */
    public static final String TYPES = "JMS_Millrace_Types";
    /** The version written in {@link #TYPES}. */
    public static final char TYPES_VERSION = '1';

    /** Summary bit: a priority other than 4. */
    public static final int USES_PRIORITY = 0x01;
    /** Summary bit: a delivery delay. */
    public static final int USES_DELAY = 0x02;
    /** Summary bit: an expiration. */
    public static final int USES_EXPIRATION = 0x04;
    /** Summary bit: a group. */
    public static final int USES_GROUP = 0x08;

    /** Text; left out where the producer disabled message ids. */
    public static final String MESSAGE_ID = "JMSMessageID";
    /** Decimal ms since the epoch when the message was sent, by the sender's clock. */
    public static final String TIMESTAMP = "JMSTimestamp";
    /** Text. */
    public static final String CORRELATION_ID = "JMSCorrelationID";
    /** Raw bytes, where the application set the correlation id as bytes. */
    public static final String CORRELATION_ID_BYTES = "JMSCorrelationIDAsBytes";
    /** A destination as {@link DestinationName#toString()} writes it. */
    public static final String REPLY_TO = "JMSReplyTo";
    /** Text. */
    public static final String TYPE = "JMSType";
    /** {@code NON_PERSISTENT}; left out for PERSISTENT. */
    public static final String DELIVERY_MODE = "JMSDeliveryMode";
    /** One digit, 0 to 9; left out for 4. */
    public static final String PRIORITY = "JMSPriority";
    /** Decimal ms since the epoch after which the message is not delivered any more; left out for never. */
    public static final String EXPIRATION = "JMSExpiration";
    /** Decimal ms since the epoch before which the message is not delivered; left out for at once. */
    public static final String DELIVERY_TIME = "JMSDeliveryTime";
    /** Property and record key: the message's group. */
    public static final String GROUP_ID = "JMSXGroupID";
    /** Property: the number in the group. */
    public static final String GROUP_SEQUENCE = "JMSXGroupSeq";

    private MessageHeaders() {}
}
