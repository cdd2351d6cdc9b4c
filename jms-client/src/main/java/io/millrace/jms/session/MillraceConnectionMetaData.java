package io.millrace.jms.session;

import io.millrace.jms.ClientVersion;
import jakarta.jms.ConnectionMetaData;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

/** What the provider is (Jakarta Messaging 3.1, 6.1.6 and 3.5.9). Immutable, for any thread. */
final class MillraceConnectionMetaData implements ConnectionMetaData {
    static final MillraceConnectionMetaData INSTANCE = new MillraceConnectionMetaData();

    private static final int JMS_MAJOR = 3;
    private static final int JMS_MINOR = 1;
    private static final List<String> JMSX_NAMES = List.of("JMSXGroupID", "JMSXGroupSeq", "JMSXDeliveryCount");

    private MillraceConnectionMetaData() {}

    @Override
    public String getJMSVersion() {
        return JMS_MAJOR + "." + JMS_MINOR;
    }

    @Override
    public int getJMSMajorVersion() {
        return JMS_MAJOR;
    }

    @Override
    public int getJMSMinorVersion() {
        return JMS_MINOR;
    }

    @Override
    public String getJMSProviderName() {
        return "Millrace";
    }

    @Override
    public String getProviderVersion() {
        return ClientVersion.TEXT;
    }

    @Override
    public int getProviderMajorVersion() {
        return ClientVersion.number(0);
    }

    @Override
    public int getProviderMinorVersion() {
        return ClientVersion.number(1);
    }

    @Override
    public Enumeration<String> getJMSXPropertyNames() {
        return Collections.enumeration(JMSX_NAMES);
    }
}
