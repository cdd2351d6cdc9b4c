package io.millrace.broker.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.config.AnonymousAccess;
import io.millrace.broker.config.ConfigException;
import io.millrace.broker.metadata.BrokerFixture.Answer;
import io.millrace.protocol.ErrorCode;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UsersTest {
    private static final byte[] SALT = {1, 2, 3};

    @Test
    void letsInWhoKnowsThePassword() {
        // Given
        Users users = users(Map.of("plain", "p", "hashed", PasswordHash.hash("h", SALT, 1000)));
        // When, then
        assertThat(ask(users, "plain", "p", false).get()).isEqualTo("plain");
        assertThat(ask(users, "hashed", "h", false).get()).isEqualTo("hashed");
        assertThat(ask(users, "hashed", "h", false).get()).isEqualTo("hashed");
        assertThat(ask(users, "plain", "h", true).error()).isEqualTo(ErrorCode.AUTHENTICATION_FAILED);
        assertThat(ask(users, "hashed", "p", true).error()).isEqualTo(ErrorCode.AUTHENTICATION_FAILED);
        assertThat(ask(users, "hashed", null, true).error()).isEqualTo(ErrorCode.AUTHENTICATION_FAILED);
        assertThat(ask(users, "nobody", "p", true).error()).isEqualTo(ErrorCode.AUTHENTICATION_FAILED);
    }

    @ParameterizedTest
    @CsvSource({"LOOPBACK,true,true", "LOOPBACK,false,false", "ALWAYS,false,true", "NEVER,true,false"})
    void letsAnonymousInFromWhereItIsAllowed(AnonymousAccess access, boolean loopback, boolean letIn) {
        // Given
        Users users = new Users(Map.of(), access, Runnable::run, SALT);
        // When
        Answer<String> answer = ask(users, null, null, loopback);
        // Then
        assertThat(answer.error() == ErrorCode.NONE).isEqualTo(letIn);
        if (letIn) {
            assertThat(answer.get()).isEqualTo(Users.ANONYMOUS);
        }
    }

    @ParameterizedTest
    @CsvSource({"pbkdf2:x", "pbkdf2:0:AQID:AQID", "pbkdf2:1000:AQ*D:AQID", "pbkdf2:99999999999:AQID:AQID"})
    void refusesAMalformedHash(String password) {
        assertThatThrownBy(() -> users(Map.of("me", password)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("user me");
    }

    @Test
    void refusesWhenTooManyWait() {
        // Given
        Users users = new Users(
                Map.of(),
                AnonymousAccess.ALWAYS,
                task -> {
                    throw new RejectedExecutionException();
                },
                SALT);
        // When, then
        assertThat(ask(users, null, null, true).error()).isEqualTo(ErrorCode.REQUEST_TIMED_OUT);
    }

    private static Users users(Map<String, String> passwords) {
        return new Users(passwords, AnonymousAccess.LOOPBACK, Runnable::run, SALT);
    }

    private static Answer<String> ask(Users users, String user, String password, boolean loopback) {
        Answer<String> answer = new Answer<>();
        users.authenticate(user, password, loopback, answer);
        return answer;
    }
}
