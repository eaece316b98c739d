C     A comment in Latin-1: café
      PROGRAM  FIXED
	INTEGER I
* tabs, continuations that split words and strings
      CHARA
     1CTER*20 S
      GO  TO 10
10    S = 'a string that runs over the end of the line and is pad
     &ded'
      DO 20 I = 1, 10
      DO20J = 1.10
20    CONTINUE
      IF (I .EQ. 3) GO TO (10, 20) I
      IF (I - 3) 10, 20, 30; X = 1
30    WRITE (*, 40) 5HHe!lo, 'it''s'
40    FORMAT (1H1, 'x !', 3HA B)
      COMPLEX = 1.E5 + 1.D0.EQ.2
      END                                                               SEQ00010
