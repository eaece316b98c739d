program p
      character*3 cf, s
      character*6 cg, t
      character*1 up, c
      logical isd
      cf(s) = s(2:2)//'-'//s(1:1)
      cg(s,t) = s(1:2)//t(3:)
      up(c) = char(ichar(c)-32)
      isd(c) = c .ge. '0' .and. c .le. '9'
      t = 'uvwxyz'
      print *, cf('abc'), cg('abc', t), up('a'), isd('7'), isd(t(2:2))
      print *, cf('a'//'xyz'), cf(t)//cg(t,'123456')
      if (cf('ab') .eq. 'b-a') print *, 'ok'
      call arrays
      call scalars
  call automatic
end program
subroutine arrays
      real max(3), min, a(3)
      character*6 c
      max(1) = 1
      max(2) = 2
      max(3) = 3
      min = 7
      n = 3
      c = 'abc'
      a(1:n) = max(n:1:-1)
      call t(a(1:n:2), 2)
      max(1:n) = max(n:1:-1)
      print *, max, min, a
      call u(c(1:n)//c(1:n-1))
      end subroutine
      subroutine t(x, n)
      real x(n)
      print *, x
      end
      subroutine u(c)
      character*(*) c
      print *, c, len(c)
      end
subroutine scalars
      integer len, int, mod, abs, dble, real, size, char, index
      integer*8 k
      character*6 c
      character*(6) d
      len = 3
      int = 4
      mod = 5
      abs = 6
      dble = 7
      real = 8
      size = 9
      char = 10
      index = 11
      k = 7
      c = 'abcdef'
      n = 2
      d = c(1:n)//c(n:)
      call u(trim(c(1:n))//c(n:4))
      print *, len, int, mod, abs, dble, real, size, char, index, d
      end subroutine
subroutine automatic
      CHARACTER*20 G
      CHARACTER*7 R
      CALL S('hello', 3)
      CALL S('hi', 0)
      PRINT *, G('abc', 2)
      PRINT *, R('xy')
      END subroutine
      SUBROUTINE S(C, N)
      CHARACTER*(*) C
      CHARACTER*(N) D, E*4, F*(N+1)
      CHARACTER*(LEN(C)+2) T
      IF (N .EQ. 0) THEN
        PRINT *, LEN(D), LEN(F)
        RETURN
      END IF
      D = C
      E = D
      F = D//'!'
      T = '<'//C//'>'
      PRINT *, D, '|', E, '|', F, '|', T, LEN(T)
      CALL SUB(T, T(2:3))
      END
      SUBROUTINE SUB(X, Y)
      CHARACTER*(*) X, Y
      PRINT *, X, Y, LEN(X), LEN(Y)
      END
      CHARACTER*(*) FUNCTION G(C, N)
      CHARACTER*(*) C
      CHARACTER*(LEN(C)*N) W
      W = C//C
      G = W(2:)
      END
      CHARACTER*7 FUNCTION R(C)
      CHARACTER C*(*), T*(LEN(C))
      T = C
      R = T//T
      END
