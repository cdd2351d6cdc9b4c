package io.millrace.jms.message;

import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;

/** Other providers' messages as Millrace's own, as every provider has to take them (Jakarta Messaging 3.1, 3.12). */
public final class ForeignMessages {
    private ForeignMessages() {}

    /** The same message as one of ours: itself if it is one already, else a copy of its body, properties and client-set headers. */
    public static MillraceMessage convert(Message message, ObjectTrust trust) throws JMSException {
        if (message instanceof MillraceMessage own) {
            return own;
        }
        MillraceMessage copy = copyBody(message, trust);
        copy.setJMSCorrelationID(message.getJMSCorrelationID());
        copy.setJMSType(message.getJMSType());
        Destination replyTo = message.getJMSReplyTo();
        if (replyTo != null) {
            copy.setJMSReplyTo(replyTo);
        }
        for (String property : names(message.getPropertyNames())) {
            if (!property.startsWith("JMSX") || property.equals("JMSXGroupID") || property.equals("JMSXGroupSeq")) {
                copy.setObjectProperty(property, message.getObjectProperty(property));
            }
        }
        return copy;
    }

    private static MillraceMessage copyBody(Message message, ObjectTrust trust) throws JMSException {
        if (message instanceof TextMessage text) {
            MillraceTextMessage copy = new MillraceTextMessage();
            copy.setText(text.getText());
            return copy;
        }
        if (message instanceof BytesMessage bytes) {
            return copyBytes(bytes);
        }
        if (message instanceof MapMessage map) {
            MillraceMapMessage copy = new MillraceMapMessage();
            for (String name : names(map.getMapNames())) {
                copy.setObject(name, map.getObject(name));
            }
            return copy;
        }
        if (message instanceof StreamMessage stream) {
            return copyStream(stream);
        }
        if (message instanceof ObjectMessage object) {
            MillraceObjectMessage copy = new MillraceObjectMessage(trust);
            copy.setObject(object.getObject());
            return copy;
        }
        return new MillracePlainMessage();
    }

    private static List<String> names(Enumeration<?> names) {
        List<String> list = new ArrayList<>();
        while (names.hasMoreElements()) {
            list.add((String) names.nextElement());
        }
        return list;
    }

    private static MillraceBytesMessage copyBytes(BytesMessage bytes) throws JMSException {
        MillraceBytesMessage copy = new MillraceBytesMessage();
        bytes.reset();
        byte[] buffer = new byte[8192];
        for (int n = bytes.readBytes(buffer); n > 0; n = bytes.readBytes(buffer)) {
            copy.writeBytes(buffer, 0, n);
        }
        bytes.reset();
        return copy;
    }

    private static MillraceStreamMessage copyStream(StreamMessage stream) throws JMSException {
        MillraceStreamMessage copy = new MillraceStreamMessage();
        stream.reset();
        try {
            while (true) {
                copy.writeObject(stream.readObject());
            }
        } catch (MessageEOFException end) {
            stream.reset();
            return copy;
        }
    }
}
