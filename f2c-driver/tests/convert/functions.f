      COMPLEX FUNCTION CF(Z)
      COMPLEX Z
      CF = Z
      END
      CHARACTER*(*) FUNCTION HF(F, G)
      EXTERNAL G
      REAL F
      HF = CHAR(INT(F(1.0)))
      CALL G(HF)
      END
      BLOCK DATA
      COMMON // L
      COMMON /B/ M
      DATA M /3/
      END
