! A line search by reverse communication.
      PROGRAM DRIVER
      DOUBLE PRECISION STP, F, G, DSAVE(13)
      INTEGER ISAVE(2)
      CHARACTER*60 TASK
      STP = 1D-1
      TASK = 'START'
      F = 0
      G = -0.5D0
   10 CALL DCSRCH(STP, F, G, 1D-3, 1D-1, 1D-10, TASK, 0D0, 100D0,
     &            ISAVE, DSAVE)
      IF (TASK(1:2) .EQ. 'FG') THEN
         F = -STP / (STP ** 2 + 2)
         G = (STP ** 2 - 2) / (STP ** 2 + 2) ** 2
         WRITE(*,'(1X,2ES24.15)') STP, F
         GO TO 10
      END IF
      WRITE(*,'(1X,A,ES24.15)') TASK(1:11), STP
      END
