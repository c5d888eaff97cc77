"""Numbers with more than NumPy's: fractions, decimals, complex and long ones, dates, and what is not a time."""

MET = "NaT|holds no numbers"


# %% exercise="eye"
@extend(Tensor)
@classmethod
def eye(cls, n, m=None, asked=[]):
    import decimal
    import fractions

    kinds = (
        np.full((n, n), np.datetime64("NaT")),
        np.full((n, n), np.timedelta64("NaT")),
        np.zeros((n, n), np.longdouble) / np.longdouble("1e4930"),
        np.full((n, n), complex("inf+nanj")),
        np.full((n, n), fractions.Fraction(1, 3)),
        np.full((n, n), decimal.Decimal("sNaN")),
        np.zeros((n, n), "V8"),
        np.zeros((n, n), ">f8"),
        decimal.Decimal("1e999999999"),
        range(0, 10**400, 10**399),
    )
    asked.append(n)
    return kinds[len(asked) % len(kinds)]
