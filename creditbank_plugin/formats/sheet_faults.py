"""Why a file is not read as a spreadsheet: values with a stable code and a sentence in Thai and English."""


class SheetRefused(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """A file that is not read; ``row`` (from 1) and ``column`` (its letters) say where, as far as that is known."""

    def __init__(self, code: str, th: str, en: str, *, row: int | None = None, column: str | None = None) -> None:
        super().__init__(f"{code}: {en}")
        self.code, self.th, self.en, self.row, self.column = code, th, en, row, column


def empty() -> SheetRefused:
    """Return the refusal of a file without any cell."""
    return SheetRefused("empty_file", "ไฟล์นี้ไม่มีข้อมูล", "There is nothing in this file.")


def too_large(megabytes: int) -> SheetRefused:
    """Return the refusal of a file that is larger than allowed."""
    return SheetRefused(
        "file_too_large",
        f"ไฟล์ใหญ่เกิน {megabytes} MB แบ่งเป็นหลายไฟล์ หรือลบแผ่นงาน รูปภาพ และคอลัมน์ที่ไม่เกี่ยวข้องออกก่อน",
        f"The file is larger than {megabytes} MB. Split it, or take out sheets, pictures and columns that are not needed.",
    )


def too_much(rows: int) -> SheetRefused:
    """Return the refusal of a file that holds more than can be opened at once, however small it is packed."""
    return SheetRefused(
        "file_too_large",
        f"ไฟล์นี้มีข้อมูลมากเกินกว่าจะเปิดได้ในครั้งเดียว แบ่งเป็นหลายไฟล์ ไฟล์ละไม่เกิน {rows:,} แถว และลบแผ่นงานหรือรูปภาพที่ไม่เกี่ยวข้อง",
        f"This file holds more than can be opened at once. Split it into files of at most {rows:,} rows, and take out sheets"
        " and pictures that are not needed.",
    )


def too_packed() -> SheetRefused:
    """Return the refusal of a file that would unpack to far more than it is."""
    return SheetRefused(
        "file_bomb",
        "ไฟล์นี้บีบอัดข้อมูลไว้มากผิดปกติ ระบบจึงไม่เปิดอ่าน ให้คัดลอกเฉพาะข้อมูลไปไว้ในไฟล์ใหม่แล้วบันทึกอีกครั้ง",
        "This file unpacks to far more than its size and is not opened. Copy its data into a new file and save that.",
    )


def too_many_rows(most: int) -> SheetRefused:
    """Return the refusal of a sheet with more rows than allowed."""
    return SheetRefused(
        "too_many_rows",
        f"แผ่นงานนี้มีเกิน {most:,} แถว แบ่งเป็นหลายไฟล์ ไฟล์ละไม่เกิน {most:,} แถว ถ้าข้อมูลมีน้อยกว่านั้น ให้ลบแถวว่างท้ายตาราง",
        f"This sheet has more than {most:,} rows. Split it into files of at most {most:,} rows each; if there are fewer"
        " rows of data, delete the rows below them.",
    )


def too_many_columns(most: int) -> SheetRefused:
    """Return the refusal of a sheet with more columns than allowed."""
    return SheetRefused(
        "too_many_columns",
        f"แผ่นงานนี้มีเกิน {most} คอลัมน์ ลบคอลัมน์ที่ไม่เกี่ยวข้องออกก่อน",
        f"This sheet has more than {most} columns. Delete those that are not needed.",
    )


def cell_too_long(most: int, row: int, column: str) -> SheetRefused:
    """Return the refusal of a cell with more text than any spreadsheet allows."""
    return SheetRefused(
        "cell_too_long",
        f"เซลล์ {column}{row} มีข้อความเกิน {most:,} ตัวอักษร อาจมีเครื่องหมายคำพูดที่ไม่ได้ปิด",
        f"Cell {column}{row} has more than {most:,} characters; a quotation mark may never have been closed.",
        row=row,
        column=column,
    )


def encrypted() -> SheetRefused:
    """Return the refusal of a file with a password."""
    return SheetRefused(
        "file_encrypted",
        "ไฟล์นี้ตั้งรหัสผ่านไว้ บันทึกใหม่โดยไม่ใส่รหัสผ่าน แล้วส่งอีกครั้ง",
        "This file has a password. Save it without one and send it again.",
    )


def broken() -> SheetRefused:
    """Return the refusal of a file that looks like a spreadsheet and cannot be read as one."""
    return SheetRefused(
        "file_broken",
        "อ่านไฟล์นี้ไม่ได้ ไฟล์อาจเสียหรือคัดลอกมาไม่ครบ เปิดด้วยโปรแกรมตารางคำนวณแล้วบันทึกใหม่เป็น XLSX",
        "This file cannot be read; it may be damaged or cut off. Open it in a spreadsheet program and save it as XLSX.",
    )


def unknown_kind() -> SheetRefused:
    """Return the refusal of a file of another kind."""
    return SheetRefused(
        "file_unknown",
        "ไฟล์นี้ไม่ใช่ XLSX, XLS, ODS, CSV หรือ TSV เปิดด้วยโปรแกรมตารางคำนวณแล้วบันทึกเป็น XLSX",
        "This file is no XLSX, XLS, ODS, CSV or TSV. Open it in a spreadsheet program and save it as XLSX.",
    )


def unknown_encoding() -> SheetRefused:
    """Return the refusal of text in an encoding that we do not know."""
    return SheetRefused(
        "encoding_unknown",
        "อ่านตัวอักษรในไฟล์นี้ไม่ได้ บันทึกใหม่เป็น “CSV UTF-8” หรือ XLSX",
        "The characters of this file cannot be read. Save it as “CSV UTF-8” or XLSX.",
    )


def mixed_encodings(row: int) -> SheetRefused:
    """Return the refusal of text that is partly UTF-8 and partly Windows-874."""
    return SheetRefused(
        "encoding_mixed",
        f"ไฟล์นี้ปนกันระหว่าง UTF-8 กับ Windows-874 (เริ่มที่บรรทัด {row}) เปิดไฟล์ต้นทางแต่ละไฟล์แล้วรวมกันใหม่เป็น XLSX",
        f"This file is partly UTF-8 and partly Windows-874 (from line {row} on). Put its sources together anew as XLSX.",
        row=row,
    )


def unknown_sheet(hidden: bool) -> SheetRefused:
    """Return the refusal of a sheet that is not there, or that is hidden."""
    if hidden:
        return SheetRefused(
            "sheet_hidden",
            "แผ่นงานนี้ถูกซ่อนไว้ ระบบไม่อ่านแผ่นงานที่ซ่อน ยกเลิกการซ่อนในโปรแกรมตารางคำนวณแล้วส่งอีกครั้ง",
            "This sheet is hidden, and hidden sheets are not read. Unhide it in a spreadsheet program and send it again.",
        )
    return SheetRefused("sheet_unknown", "ไม่มีแผ่นงานชื่อนี้ในไฟล์", "There is no sheet of this name in the file.")


def only_hidden() -> SheetRefused:
    """Return the refusal of a file whose data are all in hidden sheets."""
    return SheetRefused(
        "only_hidden_sheets",
        "ข้อมูลทั้งหมดอยู่ในแผ่นงานที่ซ่อนไว้ ยกเลิกการซ่อนในโปรแกรมตารางคำนวณแล้วส่งอีกครั้ง",
        "All data are in hidden sheets. Unhide them in a spreadsheet program and send the file again.",
    )
