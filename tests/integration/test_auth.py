"""Basic and bearer authentication, and user information in URLs."""

from __future__ import annotations

from support.drive import once


def test_basic_auth_is_accepted_and_a_wrong_password_is_not(calibration):
    async def visit(user):
        good = await user.get("/auth", auth=("user", "pass"))
        return good.status, (await user.get("/auth", auth=("user", "wrong"))).status

    assert once(visit, target=calibration).value == (200, 401)


def test_text_is_a_bearer_token(calibration):
    async def visit(user):
        return (await user.get("/echo", auth="t0ken")).json()["headers"]["authorization"]

    assert once(visit, target=calibration).value == "Bearer t0ken"


def test_user_information_in_a_url_becomes_basic_auth_and_is_not_sent_otherwise(calibration):
    rest = calibration.removeprefix("http://")

    async def visit(user):
        answer = await user.get(f"http://user:pass@{rest}/auth")
        return answer.status, answer.url

    assert once(visit, target=calibration).value == (200, f"{calibration}/auth")


def test_user_information_in_the_target_goes_with_every_request(calibration):
    rest = calibration.removeprefix("http://")

    async def visit(user):
        return (await user.get("/auth")).status

    assert once(visit, target=f"http://user:pass@{rest}").value == 200


def test_an_authorization_header_wins_over_user_information(calibration):
    rest = calibration.removeprefix("http://")

    async def visit(user):
        own = {"Authorization": "Bearer own"}
        answer = await user.get(f"http://user:pass@{rest}/echo", headers=own)
        return answer.json()["headers"]["authorization"]

    assert once(visit, target=calibration).value == "Bearer own"
