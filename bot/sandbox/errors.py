"""WeCom's business errors, answered with HTTP 200 in the shape seen in the field."""

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """A call that WeCom refuses."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(f"{errcode} {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg


class Mistake(Exception):
    """A human action that cannot be done; the text is Chinese, for the person at the page."""


def wrong_json(where: str) -> ApiError:
    """Wrong JSON types carry this phrase (reference 0.2)."""
    return ApiError(40058, f"{where} invalid Request Parameter, Warning: wrong json format. ")


def too_long(where: str, limit: int) -> ApiError:
    """The text observed for over-long content (reference A.6)."""
    return ApiError(40058, f"{where} exceed max length {limit}. invalid Request Parameter")


def ok(**fields: Any) -> Json:
    """A success body."""
    return {"errcode": 0, "errmsg": "ok", **fields}


def failure(error: ApiError, hint: str, ip: str) -> Json:
    """An error body in the observed shape (reference 0.2); `hint` is a string of digits."""
    return {
        "errcode": error.errcode,
        "errmsg": (
            f"{error.errmsg}, hint: [{hint}], from ip: {ip}, "
            f"more info at https://open.work.weixin.qq.com/devtool/query?e={error.errcode}"
        ),
    }
